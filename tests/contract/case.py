"""What a case is: a title, a function, the modes it is for."""


class Case:
    def __init__(self, title, fn, modes, args=()):
        self.title, self.fn, self.modes, self.args = title, fn, modes, args

    def run(self, cloud):
        self.fn(cloud, *self.args)


def collector(cases):
    """A decorator: @case("title", "sim live"); @case("title {}", "sim", each=[...]) makes one case per item."""
    def case(title, modes="sim live", each=None):
        def add(fn):
            for item in each or [None]:
                args = () if item is None else item if isinstance(item, tuple) else (item,)
                cases.append(Case(title.format(*args), fn, modes.split(), args))
            return fn
        return add
    return case
