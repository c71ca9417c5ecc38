using System.Reflection;
using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Adds parts of sums to gradients, always in the same order: four threads take a quarter of the parts of four neighbouring elements each, and the
/// first of them adds what the quarters give.
/// </summary>
internal static class WeightGradientParts
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = Quads * Quarters;

    private const int Quads = 64; // of neighbouring elements that a group takes
    private const int Quarters = 4;
    private const int QuadBytes = 4 * sizeof(float);

    /// <summary>The kernel.</summary>
    public static MethodInfo Method { get; } = ((Action<WeightGradientTask>)Kernel).Method;

    /// <summary>Groups that so many elements take.</summary>
    public static int Groups(long elements) => checked((int)((elements + (4 * Quads) - 1) / (4 * Quads)));

    private static void Kernel(WeightGradientTask task)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var shared = SharedMemory.Allocate<Quad>(GroupSize);
        var quadsOfPart = (long)task.Outer * task.Inner / 4;
        int quarter = Group.IdxX / Quads;
        var quad = ((long)Grid.IdxX * Quads) + (Group.IdxX % Quads);
        if (quad < quadsOfPart)
        {
            int part = quarter * task.Parts / Quarters, end = (quarter + 1) * task.Parts / Quarters;
            var address = task.Partials + (((ulong)((part * quadsOfPart) + quad)) * QuadBytes);
            shared[Group.IdxX] = Sum(address, (ulong)quadsOfPart * QuadBytes, end - part);
        }
        Group.Barrier();
        if (quarter != 0 || quad >= quadsOfPart) return;
        var sum = shared[Group.IdxX].Plus(shared[Group.IdxX + Quads]).Plus(shared[Group.IdxX + (2 * Quads)].Plus(shared[Group.IdxX + (3 * Quads)]));
        var weight = task.OfRow((int)(quad / (task.Inner / 4)));
        var target = weight.Gradient + ((ulong)(quad - ((long)weight.FirstOuter * task.Inner / 4)) * QuadBytes);
        PtxInstructions.StoreQuad(target, PtxInstructions.LoadQuad(target).Plus(sum));
    }

    /// <summary>The sum of a quad over neighbouring parts, four on their way at a time.</summary>
    private static Quad Sum(ulong address, ulong step, int parts)
    {
        var sum = default(Quad);
        for (; parts >= 4; parts -= 4)
        {
            var a = PtxInstructions.LoadQuad(address);
            var b = PtxInstructions.LoadQuad(address + step);
            var c = PtxInstructions.LoadQuad(address + (2 * step));
            var d = PtxInstructions.LoadQuad(address + (3 * step));
            sum = sum.Plus(a.Plus(b).Plus(c.Plus(d)));
            address += 4 * step;
        }
        for (; parts > 0; parts--)
        {
            sum = sum.Plus(PtxInstructions.LoadQuad(address));
            address += step;
        }
        return sum;
    }
}
