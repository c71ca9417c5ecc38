"""Runs a program's tests, its function on inputs, or compares what that gives with what a reference gave. What to do stands in front of this text:
CODE the program, TESTS statements that fail where it is wrong, ENTRY its function, INPUTS lists of arguments as JSON (all these as base64), EXPECTED pickled
results (empty: make them), ATOL how far floats may be off, TOKEN what is written behind all of it, so that a program that ends early does not pass."""
import base64, copy, json, math, pickle, sys

sys.setrecursionlimit(5000)
sys.set_int_max_str_digits(0)


def text(value):
    return base64.b64decode(value).decode("utf-8")


def close(got, expected, atol):
    if isinstance(expected, float) or isinstance(got, float):
        try:
            return got == expected or (got != got and expected != expected) or math.isclose(got, expected, rel_tol=1e-7, abs_tol=atol)
        except TypeError:
            return False
    if isinstance(expected, (list, tuple)):
        return type(got) is type(expected) and len(got) == len(expected) and all(close(a, b, atol) for a, b in zip(got, expected))
    if isinstance(expected, dict):
        return isinstance(got, dict) and got.keys() == expected.keys() and all(close(got[k], v, atol) for k, v in expected.items())
    return got == expected


def has_floats(value):
    if isinstance(value, (list, tuple)):
        return any(has_floats(v) for v in value)
    return isinstance(value, float) or isinstance(value, dict) and any(has_floats(v) for v in value.values())


def main():
    space = {"__name__": "program"}
    exec(compile(text(CODE), "program", "exec"), space)
    if TESTS:
        exec(compile(text(TESTS), "tests", "exec"), space)
        return
    inputs = json.loads(text(INPUTS))
    function = space[ENTRY]
    if not EXPECTED:
        results = [function(*copy.deepcopy(arguments)) for arguments in inputs]
        sys.__stdout__.write("\n" + base64.b64encode(pickle.dumps(results)).decode("ascii"))
        return
    for number, (arguments, expected) in enumerate(zip(inputs, pickle.loads(base64.b64decode(EXPECTED)))):
        got = function(*copy.deepcopy(arguments))
        try:
            same = got == expected and type(got) is type(expected) or got == expected
        except Exception:
            same = False
        if not (same is True) and not close(got, expected, ATOL or (1e-6 if has_floats(expected) else 0.0)):
            raise AssertionError(f"input {number}: expected {repr(expected)[:200]}, got {repr(got)[:200]}")


try:
    main()
except SystemExit:
    raise AssertionError("the program ends before its tests do") from None
sys.__stdout__.write("\n" + TOKEN + "\n")
