namespace TaH.Engine;

/// <summary>A part of a chat template that renders.</summary>
/// <param name="Line">Line in the template, from 1.</param>
internal abstract record TemplateStatement(int Line)
{
    /// <summary>Renders into the run's output.</summary>
    public void Render(TemplateScope scope)
    {
        scope.Run.Line = Line;
        scope.Run.Enter();
        Execute(scope);
        scope.Run.Leave();
    }

    private protected abstract void Execute(TemplateScope scope);
}

/// <summary>Text as it stands.</summary>
internal sealed record TextStatement(int Line, string Text) : TemplateStatement(Line)
{
    private protected override void Execute(TemplateScope scope)
    {
        scope.Run.Work(Text.Length);
        scope.Run.Output.Append(Text);
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record OutputStatement(int Line, TemplateExpression Value) : TemplateStatement(Line)
{
    private protected override void Execute(TemplateScope scope)
    {
        var text = TemplateValues.Text(Value.Evaluate(scope), scope.Run);
        scope.Run.Work(text.Length);
        scope.Run.Output.Append(text);
    }
}

/// <summary><c>{% set name = value %}</c>, or with a field, <c>{% set name.field = value %}</c>.</summary>
internal sealed record SetStatement(int Line, string Name, string? Field, TemplateExpression Value) : TemplateStatement(Line)
{
    private protected override void Execute(TemplateScope scope)
    {
        var value = Value.Evaluate(scope);
        if (Field is null) scope[Name] = value;
        else if (scope[Name] is NamespaceValue fields) fields[Field] = value;
        else throw scope.Run.Error($"sets {Name}.{Field}, but {Name} is not a namespace");
    }
}

/// <summary><c>{% if %} ... {% elif %} ... {% else %} ... {% endif %}</c>; the last branch may have no condition.</summary>
internal sealed record IfStatement(int Line, IReadOnlyList<(TemplateExpression? Condition, IReadOnlyList<TemplateStatement> Body)> Branches)
    : TemplateStatement(Line)
{
    private protected override void Execute(TemplateScope scope)
    {
        foreach (var (condition, body) in Branches)
        {
            if (condition is not null && !TemplateValues.IsTrue(condition.Evaluate(scope))) continue;
            foreach (var statement in body) statement.Render(scope);
            return;
        }
    }
}

/// <summary><c>{% for name in items if filter %} ... {% else %} ... {% endfor %}</c>.</summary>
internal sealed record ForStatement(
    int Line,
    string Name,
    TemplateExpression Items,
    TemplateExpression? Filter,
    IReadOnlyList<TemplateStatement> Body,
    IReadOnlyList<TemplateStatement> Otherwise) : TemplateStatement(Line)
{
    private const int WorkOfOneRound = 1024; // Its loop variable has nine fields.

    private protected override void Execute(TemplateScope scope)
    {
        var items = TemplateValues.Items(Items.Evaluate(scope), scope.Run);
        if (Filter is not null) items = [.. items.Where(item => Passes(Filter, item, scope))];

        for (var i = 0; i < items.Count; i++)
        {
            scope.Run.Work(WorkOfOneRound);
            var inner = new TemplateScope(scope.Run, scope) { [Name] = items[i], ["loop"] = Loop(i, items) };
            foreach (var statement in Body) statement.Render(inner);
        }

        if (items.Count > 0) return;
        foreach (var statement in Otherwise) statement.Render(scope);
    }

    private bool Passes(TemplateExpression filter, object? item, TemplateScope scope) =>
        TemplateValues.IsTrue(filter.Evaluate(new TemplateScope(scope.Run, scope) { [Name] = item }));

    private static Dictionary<string, object?> Loop(int index, IReadOnlyList<object?> items) => new()
    {
        ["index"] = index + 1L,
        ["index0"] = (long)index,
        ["revindex"] = (long)(items.Count - index),
        ["revindex0"] = items.Count - index - 1L,
        ["first"] = index == 0,
        ["last"] = index == items.Count - 1,
        ["length"] = (long)items.Count,
        ["previtem"] = index > 0 ? items[index - 1] : new UndefinedValue("loop.previtem"),
        ["nextitem"] = index + 1 < items.Count ? items[index + 1] : new UndefinedValue("loop.nextitem"),
    };
}
