namespace TaH.Tests;

public partial class PtxInstructionsTests
{
    // What is repeated for each eight columns is looked at where it ends.
    private static readonly Dictionary<string, (Delegate Kernel, string Text)> ExpectedOfAttention = new()
    {
        [nameof(PtxInstructions.DeclareAttention)] = (
            FlashKernel.Run, @"\.reg \.f32 sa15, sb15, sc15, sd15, oa15, ob15, oc15, od15;.* mov\.f32 od15, 0f00000000; "),
        [nameof(PtxInstructions.StartScores)] = (
            FlashKernel.Run, @"wgmma.* sa15,sb15,sc15,sd15}, a, b, no, 1, 1, 0, 0; .*add\.s64 a, %rd\d+, 512; .*sd15}, a, b, yes, 1, 1, 0, 0; }"),
        [nameof(PtxInstructions.StartSums)] = (
            FlashKernel.Run, @"wgmma.* oa15,ob15,oc15,od15}, {pu14,pl14,pu15,pl15}, b, yes, 1, 1, 1; }"),
        [nameof(PtxInstructions.MaskScores)] = (
            FlashKernel.Run, @"setp\.gt\.s32 keep, %r\d+, 8\*15; selp\.f32 sc15, sc15, 0fFF800000, keep; .*8\*15\+1; selp\.f32 sd15, sd15, 0fFF800000, keep; }"),
        [nameof(PtxInstructions.LargestUpper)] = (
            FlashKernel.Run, @"max\.f32 m, m, sa15; max\.f32 n, n, sb15; max\.f32 %f\d+, m, n; }"),
        [nameof(PtxInstructions.LargestLower)] = (
            FlashKernel.Run, @"max\.f32 m, m, sc15; max\.f32 n, n, sd15; max\.f32 %f\d+, m, n; }"),
        [nameof(PtxInstructions.ExponentiateScores)] = (
            FlashKernel.Run, @"fma\.rn\.f32 sd15, sd15, %f\d+, l; .*ex2\.approx\.ftz\.f32 sd15, sd15; }"),
        [nameof(PtxInstructions.AddUpper)] = (
            FlashKernel.Run, @"add\.f32 m, m, sa15; add\.f32 n, n, sb15; add\.f32 %f\d+, m, n; }"),
        [nameof(PtxInstructions.AddLower)] = (
            FlashKernel.Run, @"add\.f32 m, m, sc15; add\.f32 n, n, sd15; add\.f32 %f\d+, m, n; }"),
        [nameof(PtxInstructions.WeighByScores)] = (
            FlashKernel.Run, @"cvt\.rn\.bf16x2\.f32 pu15, sb15, sa15; cvt\.rn\.bf16x2\.f32 pl15, sd15, sc15; "),
        [nameof(PtxInstructions.ScaleSums)] = (
            FlashKernel.Run, @"mul\.f32 ob15, ob15, %f\d+; mul\.f32 oc15, oc15, %f\d+; mul\.f32 od15, od15, %f\d+; "),
        [nameof(PtxInstructions.StoreUpper)] = (
            FlashKernel.Run, @"@p st\.global\.v2\.f32 \[%rd\d+\+32\*15\], {oa15, ob15}; }"),
        [nameof(PtxInstructions.StoreLower)] = (
            FlashKernel.Run, @"@p st\.global\.v2\.f32 \[%rd\d+\+32\*15\], {oc15, od15}; }"),
        [nameof(PtxInstructions.StoreUpperBfloat16)] = (
            FlashKernel.Run, @"cvt\.rn\.bf16x2\.f32 w, ob15, oa15; @p st\.global\.b32 \[%rd\d+\+16\*15\], w; }"),
        [nameof(PtxInstructions.StoreLowerBfloat16)] = (
            FlashKernel.Run, @"cvt\.rn\.bf16x2\.f32 w, od15, oc15; @p st\.global\.b32 \[%rd\d+\+16\*15\], w; }"),
    };
}
