"""Genome-browser tracks of the regulatory masks that Seq2Exp learns.

The public names; importing the package imports no torch, the names that need it are loaded on use.
"""
