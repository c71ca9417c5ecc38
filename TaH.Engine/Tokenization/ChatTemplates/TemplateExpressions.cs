namespace TaH.Engine;

/// <summary>An expression of a chat template.</summary>
internal abstract record TemplateExpression
{
    /// <summary>Its value with the variables in sight.</summary>
    public object? Evaluate(TemplateScope scope)
    {
        scope.Run.Enter();
        var value = Compute(scope);
        scope.Run.Leave();
        return value;
    }

    private protected abstract object? Compute(TemplateScope scope);
}

/// <summary>A string, number, true, false or none as written.</summary>
internal sealed record Literal(object? Value) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => Value;
}

/// <summary><c>[a, b]</c>.</summary>
internal sealed record ListLiteral(IReadOnlyList<TemplateExpression> Items) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => Items.Select(item => item.Evaluate(scope)).ToList();
}

/// <summary>A variable.</summary>
internal sealed record Variable(string Name) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => scope[Name];
}

/// <summary><c>target.name</c>.</summary>
internal sealed record FieldOf(TemplateExpression Target, string Name) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => TemplateValues.Field(Target.Evaluate(scope), Name, scope.Run);
}

/// <summary><c>target[index]</c>.</summary>
internal sealed record ElementOf(TemplateExpression Target, TemplateExpression Index) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) =>
        TemplateValues.Element(Target.Evaluate(scope), Index.Evaluate(scope), scope.Run);
}

/// <summary><c>target[start:stop:step]</c>, each of the three optional.</summary>
internal sealed record SliceOf(TemplateExpression Target, TemplateExpression? Start, TemplateExpression? Stop, TemplateExpression? Step)
    : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) =>
        TemplateValues.Slice(Target.Evaluate(scope), Bound(Start, scope), Bound(Stop, scope), Bound(Step, scope) ?? 1, scope.Run);

    private static long? Bound(TemplateExpression? bound, TemplateScope scope) => bound?.Evaluate(scope) switch
    {
        null => null,
        long number => number,
        var other => throw scope.Run.Error($"slices by {TemplateValues.NameOf(other)}"),
    };
}

/// <summary><c>name(...)</c>.</summary>
internal sealed record FunctionCall(string Name, TemplateArguments Arguments) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => TemplateFunctions.Call(Name, Arguments.Evaluate(scope), scope.Run);
}

/// <summary><c>target.name(...)</c>.</summary>
internal sealed record MethodCall(TemplateExpression Target, string Name, TemplateArguments Arguments) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) =>
        TemplateMethods.Call(Target.Evaluate(scope), Name, Arguments.Evaluate(scope), scope.Run);
}

/// <summary><c>target | name(...)</c>.</summary>
internal sealed record Filter(TemplateExpression Target, string Name, TemplateArguments Arguments) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) =>
        TemplateFilters.Apply(Target.Evaluate(scope), Name, Arguments.Evaluate(scope), scope.Run);
}

/// <summary><c>target is name</c>.</summary>
internal sealed record Test(TemplateExpression Target, string Name) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => TemplateFilters.Test(Target.Evaluate(scope), Name, scope.Run);
}

/// <summary><c>not operand</c>.</summary>
internal sealed record Not(TemplateExpression Operand) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope) => !TemplateValues.IsTrue(Operand.Evaluate(scope));
}

/// <summary><c>left and right</c>, <c>left or right</c>: the value of the operand that decides.</summary>
internal sealed record Logical(bool IsAnd, TemplateExpression Left, TemplateExpression Right) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope)
    {
        var left = Left.Evaluate(scope);
        return TemplateValues.IsTrue(left) == IsAnd ? Right.Evaluate(scope) : left;
    }
}

/// <summary><c>whenTrue if condition else whenFalse</c>.</summary>
internal sealed record Conditional(TemplateExpression Condition, TemplateExpression WhenTrue, TemplateExpression? WhenFalse) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope)
    {
        if (TemplateValues.IsTrue(Condition.Evaluate(scope))) return WhenTrue.Evaluate(scope);
        return WhenFalse is null ? new UndefinedValue("a missing else") : WhenFalse.Evaluate(scope);
    }
}

/// <summary>Comparison, arithmetic or joining of two values.</summary>
internal sealed record Binary(string Operator, TemplateExpression Left, TemplateExpression Right) : TemplateExpression
{
    private protected override object? Compute(TemplateScope scope)
    {
        var (left, right, run) = (Left.Evaluate(scope), Right.Evaluate(scope), scope.Run);
        return Operator switch
        {
            "==" => TemplateValues.AreEqual(left, right),
            "!=" => !TemplateValues.AreEqual(left, right),
            "<" => TemplateValues.Compare(left, right, run) < 0,
            "<=" => TemplateValues.Compare(left, right, run) <= 0,
            ">" => TemplateValues.Compare(left, right, run) > 0,
            ">=" => TemplateValues.Compare(left, right, run) >= 0,
            "in" => TemplateValues.Contains(right, left, run),
            "~" => Join(TemplateValues.Text(left, run), TemplateValues.Text(right, run), run),
            _ => Arithmetic(left, right, run),
        };
    }

    private static string Join(string left, string right, TemplateRun run)
    {
        run.Work(left.Length + right.Length);
        return left + right;
    }

    private object Arithmetic(object? left, object? right, TemplateRun run) => (Operator, left, right) switch
    {
        ("+", string a, string b) => Join(a, b, run),
        ("+", long a, long b) => unchecked(a + b),
        ("-", long a, long b) => unchecked(a - b),
        ("*", long a, long b) => unchecked(a * b),
        ("%", long a, long b) when b is not (0 or -1) => ((a % b) + b) % b, // The sign of the divisor, as in Python.
        _ => throw run.Error($"computes {TemplateValues.NameOf(left)} {Operator} {TemplateValues.NameOf(right)}, which is not supported"),
    };
}
