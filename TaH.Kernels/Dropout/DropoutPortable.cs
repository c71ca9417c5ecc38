namespace TaH.Kernels;

/// <summary>Every accelerator: one thread a lane of four elements.</summary>
internal static class DropoutPortable
{
    public static void Kernel(Floats x, Floats y, DropoutMask mask)
    {
        var at = DropoutMask.First(Elements.Index);
        if (at >= mask.Length) return;
        var words = mask.Words(Elements.Index);
        y[at] = mask.Apply(x[at], words.A);
        at += DropoutMask.Lanes;
        if (at < mask.Length) y[at] = mask.Apply(x[at], words.B);
        at += DropoutMask.Lanes;
        if (at < mask.Length) y[at] = mask.Apply(x[at], words.C);
        at += DropoutMask.Lanes;
        if (at < mask.Length) y[at] = mask.Apply(x[at], words.D);
    }
}
