namespace TaH.Engine;

/// <summary>Four to seven variables, most of them defined by another one, in any order; some answers are asked for without a single step.</summary>
internal sealed class VariableProblems() : ProblemKind("variables", 0.20)
{
    private const string Letters = "abcdefghkmnpqrstuvwxyz";
    private const double ShareOfConstants = 0.2;
    private const double ShareOfNeighbours = 0.75;
    private const double ShareAtOnce = 0.4;

    /// <inheritdoc/>
    public override Problem Make(Xoshiro256 random)
    {
        var variables = Define(random.Between(4, 7), random);
        var target = variables[^1];
        string[] lines = [.. variables.Select(variable => $"Let {variable.Name} = {variable.Definition}.")];
        random.Shuffle<string>(lines);
        var question = $"{string.Join(' ', lines)} What is {target.Name}?";
        return random.Uniform() < ShareAtOnce
            ? Ask(question + " Answer at once.", [$"So {target.Name} = {target.Value}."], target.Value)
            : Ask(question, Steps(target), target.Value);
    }

    private static List<Variable> Define(int count, Xoshiro256 random)
    {
        var letters = Letters.ToCharArray();
        random.Shuffle<char>(letters);
        var variables = new List<Variable>();
        for (var i = 0; i < count; i++)
        {
            if (i == 0 || random.Uniform() < ShareOfConstants)
            {
                var value = random.Between(3, 60);
                variables.Add(new Variable(letters[i], value, $"{value}", Source: null, Sum: null));
                continue;
            }
            var source = random.Uniform() < ShareOfNeighbours ? variables[^1] : variables[random.Below(i)];
            variables.Add(Define(letters[i], source, random));
        }
        return variables;
    }

    private static Variable Define(char name, Variable source, Xoshiro256 random)
    {
        var (form, value) = (random.Below(4), source.Value);
        if (form == 0)
        {
            var other = random.Between(2, 99);
            return new Variable(name, value + other, $"{source.Name} + {other}", source, $"{value} + {other}");
        }
        if (form == 1 && value > 3)
        {
            var other = random.Between(1, value < 99 ? value - 1 : 99);
            return new Variable(name, value - other, $"{source.Name} - {other}", source, $"{value} - {other}");
        }
        if (form == 2 && value < 200)
        {
            var other = random.Between(2, 9);
            return new Variable(name, value * other, $"{source.Name} * {other}", source, $"{value} * {other}");
        }
        return new Variable(name, value, $"{source.Name}", source, Sum: null);
    }

    /// <summary>From the constant that the target goes back to, one variable a line.</summary>
    private static List<string> Steps(Variable target)
    {
        var steps = new List<string>();
        for (var variable = target; variable is not null; variable = variable.Source)
        {
            var connective = variable == target ? "So" : variable.Source is null ? "Now" : "Then";
            var sum = variable.Sum is null ? "" : $"{variable.Sum} = ";
            var definition = variable.Source is null ? "" : $"{variable.Definition} = ";
            steps.Add($"{connective} {variable.Name} = {definition}{sum}{variable.Value}.");
        }
        steps.Reverse();
        return steps;
    }

    /// <summary>A variable with its definition, and the sum in numbers where it is one.</summary>
    private sealed record Variable(char Name, int Value, string Definition, Variable? Source, string? Sum);
}
