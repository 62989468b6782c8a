"""A small vector language over LLVM IR, in which the CPU kernels are written.

A kernel is a Python function that writes down instructions: operators on a `Value` add one each, a Python
loop repeats code (so that every state of a scan is a register), `Code.loop` makes a loop of the machine.
Numbers are float32, alone or as vectors of as many lanes as the machine's registers hold; integers have 64
bits, or 32 where they are the bits of a vector. Knows nothing of any model.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Union

from llvmlite import ir

from seq2exp_tracks.model.compiled.machine import Machine

FLOAT, INTEGER, ADDRESS = ir.FloatType(), ir.IntType(64), ir.PointerType()
INT = 0
"""Marks an argument that is an integer; any other number is the row length of a matrix."""

# A product and a sum may become one instruction, which is more exact; nothing else is reordered.
_FUSED = ("contract",)

Term = Union["Value", float]


class Value:
    """A number or a vector in a register; + - * write an instruction."""

    def __init__(self, code: "Code", ir_value: Any) -> None:
        self.code = code
        self.ir = ir_value

    def __add__(self, other: Term) -> "Value":
        return self.code.operation("add", self, other)

    def __sub__(self, other: Term) -> "Value":
        return self.code.operation("sub", self, other)

    def __mul__(self, other: Term) -> "Value":
        return self.code.operation("mul", self, other)

    def __truediv__(self, other: Term) -> "Value":
        return self.code.operation("div", self, other)

    def __neg__(self) -> "Value":
        return Value(self.code, self.code.builder.fneg(self.ir))

    def __lshift__(self, bits: int) -> "Value":
        return Value(self.code, self.code.builder.shl(self.ir, self.code.like(self, bits).ir))

    def __lt__(self, other: Term) -> "Value":
        right = self.code.like(self, other)
        compare = self.code.builder.icmp_signed if self.whole else self.code.builder.fcmp_ordered
        return Value(self.code, compare("<", self.ir, right.ir))

    @property
    def whole(self) -> bool:
        """Tells integers from float32."""
        return isinstance(getattr(self.ir.type, "element", self.ir.type), ir.IntType)


class Variable:
    """A value that changes: LLVM keeps it in a register."""

    def __init__(self, code: "Code", start: Value) -> None:
        self._code = code
        self._type = start.ir.type
        self._place = code.entry.alloca(self._type)
        self.value = start

    @property
    def value(self) -> Value:
        """What it holds now."""
        return Value(self._code, self._code.builder.load(self._place, typ=self._type))

    @value.setter
    def value(self, value: Value) -> None:
        self._code.builder.store(value.ir, self._place)


class Matrix:
    """Rows of float32 in memory. `m[row, column]` is the vector that starts there."""

    def __init__(self, code: "Code", address: Any, width: Term) -> None:
        self._code = code
        self.ir = address
        self.width = width

    def __getitem__(self, place: tuple[Term, Term]) -> Value:
        code = self._code
        return Value(code, code.builder.load(self._at(place), typ=code.vector_type, align=4))

    def __setitem__(self, place: tuple[Term, Term], value: Value) -> None:
        self._code.builder.store(value.ir, self._at(place), align=4)

    def spread(self, row: Term, column: Term) -> Value:
        """One number of the matrix in every lane of a vector."""
        return self._code.spread(self._code.builder.load(self._at((row, column)), typ=FLOAT, align=4))

    def put(self, row: Term, column: Term, value: Value) -> None:
        """Stores one number."""
        self._code.builder.store(value.ir, self._at((row, column)), align=4)

    def below(self, row: Term) -> "Matrix":
        """The matrix from a row on."""
        return Matrix(self._code, self._at((row, 0)), self.width)

    def part(self, first: Term, width: Term) -> "Matrix":
        """Another matrix in the same memory, `first` numbers on."""
        return Matrix(self._code, self._at((0, first)), width)

    def fetch(self, row: Term, column: Term) -> None:
        """Asks for what stands there to be brought into the second cache; it need not be memory of ours."""
        self._code.fetch(self._at((row, column)))

    def _at(self, place: tuple[Term, Term]) -> Any:
        row, column = (self._code.integer(index) for index in place)
        index = row * self.width + column
        return self._code.builder.gep(self.ir, [index.ir], source_etype=FLOAT)


class Code:
    """A function under construction.

    Args:
        module: Where it is added.
        machine: What it is compiled for.
        name: Its name.
        arguments: Row length of each matrix, or `INT`, by name. No two matrices may overlap in memory.
    """

    def __init__(self, module: ir.Module, machine: Machine, name: str, arguments: Mapping[str, int]) -> None:
        self.module = module
        self.machine = machine
        self.lanes = machine.lanes
        self.vector_type = ir.VectorType(FLOAT, machine.lanes)
        self.bits_type = ir.VectorType(ir.IntType(32), machine.lanes)
        types = [INTEGER if width == INT else ADDRESS for width in arguments.values()]
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), types), name)
        self.function.attributes.add("noinline")  # one copy of each: compiling takes most of a second
        self.entry = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.builder = ir.IRBuilder(self.function.append_basic_block("body"))
        self.arguments: list[Any] = []
        for argument, (label, width) in zip(self.function.args, arguments.items(), strict=True):
            argument.name = label
            if width == INT:
                self.arguments.append(Value(self, argument))
            else:
                argument.add_attribute("noalias")
                self.arguments.append(Matrix(self, argument, width))

    def end(self) -> ir.Function:
        """Ends the function."""
        self.entry.branch(self.function.basic_blocks[1])
        self.builder.ret_void()
        return self.function

    def integer(self, value: Term) -> Value:
        """An integer as a value."""
        return value if isinstance(value, Value) else Value(self, ir.Constant(INTEGER, value))

    def vector(self, number: float) -> Value:
        """The same number in every lane."""
        return Value(self, ir.Constant(self.vector_type, [number] * self.lanes))

    def like(self, model: Value, value: Term) -> Value:
        """A Python number as a value of the same type as another value."""
        if isinstance(value, Value):
            return value
        kind = model.ir.type
        content = [value] * kind.count if isinstance(kind, ir.VectorType) else value
        return Value(self, ir.Constant(kind, content))

    def spread(self, number: Any) -> Value:
        """One number of a register in every lane."""
        nothing = ir.Constant(self.vector_type, ir.Undefined)
        first = self.builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(self.bits_type, [0] * self.lanes)
        return Value(self, self.builder.shuffle_vector(first, nothing, lanes))

    def operation(self, name: str, left: Value, other: Term) -> Value:
        """One instruction of arithmetic."""
        right = self.like(left, other)
        if left.whole:
            return Value(self, getattr(self.builder, {"div": "sdiv"}.get(name, name))(left.ir, right.ir))
        return Value(self, getattr(self.builder, f"f{name}")(left.ir, right.ir, flags=_FUSED))

    def fused(self, a: Value, b: Value, c: Term) -> Value:
        """Product and sum, a b + c, in one instruction where the machine has it."""
        return self._intrinsic("llvm.fmuladd", a, b, self.like(a, c))

    def root(self, a: Value) -> Value:
        """Square root."""
        return self._intrinsic("llvm.sqrt", a)

    def larger(self, a: Value, other: Term) -> Value:
        """The larger of two."""
        b = self.like(a, other)
        return Value(self, self.builder.select((b < a).ir, a.ir, b.ir))

    def smaller(self, a: Value, other: Term) -> Value:
        """The smaller of two."""
        b = self.like(a, other)
        return Value(self, self.builder.select((a < b).ir, a.ir, b.ir))

    def bits(self, a: Value) -> Value:
        """The bits of every number as a whole number."""
        return Value(self, self.builder.bitcast(a.ir, self.bits_type))

    def number(self, bits: Value) -> Value:
        """The numbers that have these bits."""
        return Value(self, self.builder.bitcast(bits.ir, self.vector_type))

    def looked_up(self, table: Sequence[int], index: Value) -> Value:
        """Entries of a table of `machine.table`, as the lowest bits of each lane of the index name them."""
        if len(table) == 1:
            return self.like(index, table[0])
        kind = self.bits_type
        names = {8: "llvm.x86.avx2.permd", 16: "llvm.x86.avx512.permvar.si.512"}
        function = self._declared(names[self.lanes], ir.FunctionType(kind, [kind, kind]))
        return Value(self, self.builder.call(function, [ir.Constant(kind, list(table)), index.ir]))

    def total(self, a: Value) -> Value:
        """The sum of a vector's lanes, a number, added in pairs."""
        kind = ir.FunctionType(FLOAT, [FLOAT, self.vector_type])
        function = self._declared(f"llvm.vector.reduce.fadd.v{self.lanes}f32", kind)
        call = self.builder.call(function, [ir.Constant(FLOAT, 0.0), a.ir], fastmath=("reassoc",))
        return Value(self, call)

    @contextmanager
    def loop(self, count: Term, step: int = 1) -> Iterator[Value]:
        """Repeats what is written inside, with an index from 0 up to `count` in steps."""
        index = Variable(self, self.integer(0))
        head, body, after = (self.function.append_basic_block(name) for name in ("head", "body", "after"))
        self.builder.branch(head)
        self.builder.position_at_end(head)
        now = index.value
        self.builder.cbranch((now < self.integer(count)).ir, body, after)
        self.builder.position_at_end(body)
        yield now
        index.value = now + step
        self.builder.branch(head)
        self.builder.position_at_end(after)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """Does what is written inside only where the condition holds."""
        body, after = (self.function.append_basic_block(name) for name in ("then", "after"))
        self.builder.cbranch(condition.ir, body, after)
        self.builder.position_at_end(body)
        yield
        self.builder.branch(after)
        self.builder.position_at_end(after)

    def call(self, function: ir.Function, *arguments: Value | Matrix | int) -> None:
        """Calls another function of the module."""
        values = [self.integer(x) if isinstance(x, int) else x for x in arguments]
        self.builder.call(function, [value.ir for value in values])

    def fetch(self, address: Any) -> None:
        """Asks for a line of memory to be brought into the second cache, to be read."""
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [ADDRESS, flag, flag, flag])
        read, second, data = flag(0), flag(2), flag(1)
        self.builder.call(self._declared("llvm.prefetch.p0", kind), [address, read, second, data])

    def _intrinsic(self, name: str, *values: Value) -> Value:
        kind = values[0].ir.type
        suffix = f"v{kind.count}f32" if isinstance(kind, ir.VectorType) else "f32"
        function = self._declared(f"{name}.{suffix}", ir.FunctionType(kind, [kind] * len(values)))
        return Value(self, self.builder.call(function, [value.ir for value in values]))

    def _declared(self, name: str, kind: ir.FunctionType) -> ir.Function:
        known = self.module.globals.get(name)
        return known if known is not None else ir.Function(self.module, kind, name)
