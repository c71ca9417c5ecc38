namespace TaH.Engine;

/// <summary>What a session's grid is sized for, checked against the model.</summary>
/// <param name="Context">Positions of a sequence.</param>
/// <param name="Depths">Depths of the grid.</param>
/// <param name="Rows">Rows of the largest pass.</param>
internal readonly record struct SessionLimits(int Context, int Depths, int Rows)
{
    private const int MostRows = 4096;

    /// <summary>Checks what needs no model to be checked.</summary>
    public static void Check(SessionOptions options)
    {
        Require(options.PageSize is >= 1 and <= 4096, $"a page of the KV grid holds 1 to 4,096 entries, not {options.PageSize:N0}");
        Require(options.MaxSequences is >= 1 and <= 4096, $"a session runs 1 to 4,096 sequences at a time, not {options.MaxSequences:N0}");
        Require(options.MaxRows is null or (>= 1 and <= MostRows), $"a pass has 1 to {MostRows:N0} rows, not {options.MaxRows:N0}");
        Require(options.ContextLimit is null or >= 1, $"a context has 1 position or more, not {options.ContextLimit:N0}");
        Require(options.MaxIter is null or (>= 1 and <= TahConfig.MaxDepth), $"max-iter is 1 to {TahConfig.MaxDepth}, not {options.MaxIter}");
    }

    public static SessionLimits Of(TahModel model, SessionOptions options)
    {
        Check(options);
        var rows = options.MaxRows ?? Math.Max(RowsThatSuit(model.Device), options.MaxSequences);
        var context = options.ContextLimit ?? model.Config.MaxPositions;
        Require(
            context <= model.Config.MaxPositions,
            $"{model.Name} has {model.Config.MaxPositions:N0} positions; a context of {context:N0} cannot be had");
        var depths = options.MaxIter ?? model.MaxIter;
        Require(depths == 1 || model.IsTah, $"{model.Name} is a plain Qwen3 checkpoint; it has no second pass, so max-iter must be 1");
        return new SessionLimits(context, Math.Max(depths, model.MaxIter), rows);
    }

    private static int RowsThatSuit(ComputeDevice device) => device.Kind switch
    {
        DeviceKind.Cuda => 2048, // tensor cores want a thousand rows and more
        DeviceKind.Cpu => 512, // panels of weights are made once for so many rows
        _ => 64, // more save no reading of weights worth the memory
    };

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new UsageException(otherwise);
    }
}
