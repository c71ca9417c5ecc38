namespace TaH.Engine;

/// <summary>Two to six steps with one digit whose results are not written down: as many steps as the depth that they take.</summary>
internal sealed class DigitProblems() : ProblemKind("digits", 0.15)
{
    /// <inheritdoc/>
    public override Problem Make(Xoshiro256 random)
    {
        var digit = random.Between(0, 9);
        var question = new List<string> { $"Take {digit}." };
        var steps = random.Between(2, 6);
        for (var step = 0; step < steps; step++)
        {
            var form = random.Below(3);
            var other = form < 2 ? random.Between(1, 9) : random.Choose(2, 3, 7, 9);
            var (order, result) = form switch
            {
                0 => ($"Add {other}.", digit + other),
                1 => ($"Subtract {other}.", digit - other + 10),
                _ => ($"Multiply by {other}.", digit * other),
            };
            question.Add(order);
            digit = result % 10;
        }
        return Ask(string.Join(' ', question) + " Keep only the last digit. What is left?", [$"So {digit} is left."], digit);
    }
}
