namespace TaH.Engine;

/// <summary>A product and a sum, and what they leave when divided.</summary>
internal sealed class ModularProblems() : ProblemKind("modular", 0.12)
{
    /// <inheritdoc/>
    public override Problem Make(Xoshiro256 random)
    {
        var (a, b, c) = (random.Between(11, 99), random.Between(3, 99), random.Between(11, 99));
        var modulus = random.Choose(7, 9, 11, 13, 17, 19);
        var product = a * b;
        var sum = product + c;
        var rest = sum % modulus;
        return Ask(
            $"Compute ({a} * {b} + {c}) mod {modulus}.",
            [
                $"First {a} * {b} = {product}.", $"Then {product} + {c} = {sum}.", $"But {sum} mod {modulus} = {rest}.",
                $"So the remainder is {rest}.",
            ],
            rest);
    }
}
