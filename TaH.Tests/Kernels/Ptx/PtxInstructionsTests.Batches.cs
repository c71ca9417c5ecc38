namespace TaH.Tests;

/// <summary>The instructions of products of a batch: what each becomes, with %r, %rd and %f for any register of that kind.</summary>
public partial class PtxInstructionsTests
{
    private static readonly Dictionary<string, (Delegate Kernel, string Text)> ExpectedOfBatches = new()
    {
        [nameof(PtxInstructions.LoadQuadBelow)] = (
            Batch,
            "{ .reg .pred inside; setp.lt.s32 inside, %r, %r; mov.f32 %f, 0f00000000; mov.f32 %f, 0f00000000; mov.f32 %f, 0f00000000; "
            + "mov.f32 %f, 0f00000000; @inside ld.global.v4.f32 {%f,%f,%f,%f}, [%rd]; }"),
        [nameof(PtxInstructions.LoadInt)] = (Batch, "ld.global.s32 %r, [%rd];"),
        [nameof(PtxInstructions.RaiseUInt)] = (Batch, "red.global.max.u32 [%rd], %r;"),
        [nameof(PtxInstructions.StoreUShort)] = (Batch, "{ .reg .b16 half; cvt.u16.u32 half, %r; st.global.u16 [%rd], half; }"),
        [nameof(PtxInstructions.StoreShared)] = (Batch, "st.shared.f32 [%r], %f;"),
    };

    private static void Batch(ulong a, ulong b, uint shared, int index)
    {
        var quad = PtxInstructions.LoadQuadBelow(a, index, PtxInstructions.LoadInt(b));
        PtxInstructions.RaiseUInt(a, shared);
        PtxInstructions.StoreUShort(a, shared);
        PtxInstructions.StoreShared(shared, quad.A + quad.B + quad.C + quad.D);
    }
}
