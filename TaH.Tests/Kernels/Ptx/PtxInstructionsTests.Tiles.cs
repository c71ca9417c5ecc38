namespace TaH.Tests;

public partial class PtxInstructionsTests
{
    // What is repeated for each part of a head is looked at where it ends.
    private static readonly Dictionary<string, (Delegate Kernel, string Text)> ExpectedOfTiles = new()
    {
        [nameof(PtxInstructions.DeclareTile)] = (TileDecodeKernel.Run, @"\.reg \.b32 qa3, .*wd3; \.reg \.f32 la3, .*mov\.f32 hd3, 0f00000000; "),
        [nameof(PtxInstructions.LoadTileQueries)] = (TileDecodeKernel.Run, @"xor\.b32 at, %r\d+, 32\*3; ldmatrix.* {qa3,qb3,qc3,qd3}, \[at\]; }"),
        [nameof(PtxInstructions.TileScores)] = (
            TileDecodeKernel.Run, @"mma.* {a3,b3,c3,d3}, {ma3,mb3,mc3,md3}, {qc3,qd3}, {a3,b3,c3,d3}; .*add\.f32 %f\d+, c0, c2; }"),
        [nameof(PtxInstructions.ScaleTileSums)] = (TileDecodeKernel.Run, @"mul\.f32 hc3, hc3, %f\d+; mul\.f32 hd3, hd3, %f\d+; "),
        [nameof(PtxInstructions.LoadTileValues)] = (TileDecodeKernel.Run, @"128\+32\*3; ldmatrix.*trans.* {wa3,wb3,wc3,wd3}, \[at\]; }"),
        [nameof(PtxInstructions.AddTileValues)] = (
            TileDecodeKernel.Run, @"mma.* {ha3,hb3,hc3,hd3}, {wa3,wb3,wc3,wd3}, {%r\d+,%r\d+}, {ha3,hb3,hc3,hd3}; "),
        [nameof(PtxInstructions.StoreTileSums)] = (TileDecodeKernel.Run, @"@really st\.shared\.v4\.f32 \[%r\d+\+16\*3\], {a,b,c,d}; }"),
        [nameof(PtxInstructions.StoreSharedPair)] = (TileDecodeKernel.Run, @"@really st\.shared\.v2\.f32 \[%r\d+\], {%f\d+,%f\d+}; }"),
        [nameof(PtxInstructions.StartEntryCopies)] = (
            TileDecodeKernel.Run, @"mad\.wide\.s32 value, cell, %r\d+, %rd\d+; .*@some cp\.async.* \[%r\d+\+4096\], \[value\], 16, count; }"),
        [nameof(PtxInstructions.StoreSharedUIntPair)] = (TileDecodeKernel.Run, @"st\.shared\.v2\.u32 \[%r\d+\], {%r\d+, %r\d+};"),
        [nameof(PtxInstructions.LoadSharedPair)] = (TileDecodeKernel.Run, @"ld\.shared\.v2\.f32 {%f\d+, %f\d+}, \[%r\d+\];"),
        [nameof(PtxInstructions.PickBytes)] = (TileDecodeKernel.Run, @"prmt\.b32 %r\d+, %r\d+, %r\d+, %r\d+;"),
        [nameof(PtxInstructions.LoadQuadAhead)] = (TileDecodeKernel.Run, @"ld\.volatile\.global\.v4\.f32 {%f\d+,%f\d+,%f\d+,%f\d+}, \[%rd\d+\];"),
        [nameof(PtxInstructions.KeepAddress)] = (TileDecodeKernel.Run, @"mov\.b64 %rd\d+, %rd\d+;"),
        [nameof(PtxInstructions.KeepBits)] = (TileDecodeKernel.Run, @"mov\.b32 %r\d+, %r\d+;"),
        [nameof(PtxInstructions.ReciprocalRoot)] = (TileDecodeKernel.Run, @"rsqrt\.approx\.ftz\.f32 %f\d+, %f\d+;"),
        [nameof(PtxInstructions.Reciprocal)] = (TileDecodeKernel.Run, @"rcp\.approx\.ftz\.f32 %f\d+, %f\d+;"),
    };
}
