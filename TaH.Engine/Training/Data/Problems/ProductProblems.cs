namespace TaH.Engine;

/// <summary>One product, the sum of two, or the larger of two.</summary>
internal sealed class ProductProblems() : ProblemKind("product", 0.12)
{
    private const double ShareOfThreeDigits = 0.6;

    /// <inheritdoc/>
    public override Problem Make(Xoshiro256 random)
    {
        var (a, b) = (random.Between(12, 99), random.Between(12, 99));
        if (random.Uniform() < ShareOfThreeDigits) a = random.Between(100, 999);
        var form = random.Below(3);
        if (form == 0) return Ask($"What is {a} * {b}?", [$"So {a} * {b} = {a * b}."], a * b);
        var (c, d) = (random.Between(12, 99), random.Between(3, 29));
        var (first, second) = (a * b, c * d);
        if (form == 1)
        {
            return Ask(
                $"What is {a} * {b} + {c} * {d}?",
                [$"First {a} * {b} = {first}.", $"Then {c} * {d} = {second}.", $"So {first} + {second} = {first + second}."], first + second);
        }
        var larger = first >= second ? $"{a} * {b}" : $"{c} * {d}";
        return Ask(
            $"Which is larger, {a} * {b} or {c} * {d}?",
            [$"First {a} * {b} = {first}.", $"{(second > first ? "But" : "Then")} {c} * {d} = {second}.", $"So {larger} is larger."],
            Math.Max(first, second));
    }
}
