namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element.</summary>
internal static class SelectRowsPortable
{
    public static void Gather(Floats x, Ints rows, Floats y, SelectRowsShape shape)
    {
        var i = Elements.Index;
        if (i < shape.Length) y[i] = x[Place(rows, i, shape)];
    }

    public static void GatherAdd(Floats x, Ints rows, Floats z, Floats y, SelectRowsShape shape)
    {
        var i = Elements.Index;
        if (i < shape.Length) y[i] = x[Place(rows, i, shape)] + z[i];
    }

    public static void Scatter(Floats x, Ints rows, Floats y, SelectRowsShape shape)
    {
        var i = Elements.Index;
        if (i < shape.Length) y[Place(rows, i, shape)] = x[i];
    }

    private static long Place(Ints rows, long i, SelectRowsShape shape) => ((long)rows[i / shape.Width] * shape.Width) + (i % shape.Width);
}
