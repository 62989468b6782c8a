"""What a reader of an export has to know, in words that every export repeats, and whom to cite."""

CITATION = (
    "X. Su, H. Yu, D. Zhi, S. Ji. Learning to Discover Regulatory Elements for Gene Expression Prediction. "
    "International Conference on Learning Representations, 2025. arXiv:2502.13991"
)
CITATION_URL = "https://arxiv.org/abs/2502.13991"

HOW_TO_READ = (
    "The learned mask is the model's score of each base, 0 to 1: the mean of a Beta distribution over "
    "whether the base matters to the gene's expression. Its standard deviation (sd) is what the model itself "
    "claims not to know.",
    "The applied mask is what the predictor saw: 0 on the blacklist, 1 over the promoter (TSS ± 1 kb), and "
    "only 0 and 1 in hard models.",
    "A base in no window has no value. That is not a score of 0.",
    "A mask belongs to one gene. Where the windows of several genes overlap, the track holds one value by "
    "the merge rule of the run; elements and links keep their gene.",
    "A link goes from a distal element to the TSS of the gene in whose window it was called. Its score is "
    "the element's mean learned mask.",
)

WHAT_IT_DOES_NOT_SHOW = (
    "A high mask says where the model looks. It is no proof that a base acts on the gene: a model that was "
    "trained on 200 kb can predict nearly as well from 2.5 kb (Prism, arXiv:2602.21550).",
    "The number of elements is a choice (a share of the bases, or a threshold), not a finding.",
    "Predicted expression is of the cells whose signals were read, and of genes like those that the model "
    "was trained on.",
)
