namespace TaH.Engine;

/// <summary>Two to four steps from a number to the next: sums, differences, products, halves, remainders.</summary>
internal sealed class ChainProblems() : ProblemKind("chain", 0.26)
{
    private enum Operation
    {
        Add,
        Subtract,
        Multiply,
        Half,
        Remainder,
    }

    /// <inheritdoc/>
    public override Problem Make(Xoshiro256 random)
    {
        var number = random.Between(12, 999);
        var question = new List<string> { $"Start with {number}." };
        var steps = new List<string>();
        var count = random.Between(2, 4);
        for (var step = 0; step < count; step++)
        {
            var isLast = step == count - 1;
            var operation = Choose(number, isLast, random);
            var (order, sum, result) = Apply(operation, number, random);
            question.Add(order);
            steps.Add($"{Connective(operation, step, isLast)} {sum} = {result}.");
            number = result;
        }
        question.Add("What is the result?");
        return Ask(string.Join(' ', question), steps, number);
    }

    private static Operation Choose(int number, bool isLast, Xoshiro256 random)
    {
        var open = new List<Operation> { Operation.Add };
        if (number > 1) open.Add(Operation.Subtract);
        // What stands twice is twice as likely.
        if (number < 3000) open.AddRange([Operation.Multiply, Operation.Multiply]);
        if (number % 2 == 0 && number > 20) open.Add(Operation.Half);
        if (isLast) open.AddRange([Operation.Remainder, Operation.Remainder]);
        return open[random.Below(open.Count)];
    }

    private static (string Order, string Sum, int Result) Apply(Operation operation, int number, Xoshiro256 random)
    {
        var other = operation switch
        {
            Operation.Add => random.Between(11, 999),
            Operation.Subtract => random.Between(1, number - 1),
            Operation.Multiply => random.Between(3, number < 1000 ? 99 : 29),
            Operation.Half => 2,
            _ => random.Choose(7, 9, 11, 13, 17),
        };
        return operation switch
        {
            Operation.Add => ($"Add {other}.", $"{number} + {other}", number + other),
            Operation.Subtract => ($"Subtract {other}.", $"{number} - {other}", number - other),
            Operation.Multiply => ($"Multiply by {other}.", $"{number} * {other}", number * other),
            Operation.Half => ("Take half.", $"{number} / 2", number / 2),
            _ => ($"Take it mod {other}.", $"{number} mod {other}", number % other),
        };
    }

    private static string Connective(Operation operation, int step, bool isLast) => operation switch
    {
        _ when isLast => "So",
        Operation.Subtract or Operation.Half => "But",
        _ => step == 0 ? "First" : "Then",
    };
}
