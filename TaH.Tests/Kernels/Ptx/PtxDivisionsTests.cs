using System.Text.RegularExpressions;

namespace TaH.Tests;

public partial class PtxDivisionsTests
{
    [Theory]
    [InlineData("\trem.u32\t%r3, %r2, 32;", "\tand.b32 %r3, %r2, 31;")]
    [InlineData("\tdiv.u32\t%r3, %r2, 4;", "\tshr.u32 %r3, %r2, 2;")]
    [InlineData("\trem.u32\t%r3, %r2, 12;", "\trem.u32\t%r3, %r2, 12;")]
    [InlineData("\trem.s32\t%r3, %r2, %r1;", "\trem.s32\t%r3, %r2, %r1;")]
    [InlineData("\tdiv.s32\t%r3, %r2, 4;", "\tdiv.s32\t%r3, %r2, 4;")]
    public void Powers_of_two_become_shifts_and_masks(string before, string after) => Assert.Equal(after, PtxDivisions.Simplify(before));

    // The five instructions of a signed remainder, done here one by one; the divisor 1 has a mask of zero.
    [Theory, InlineData(1), InlineData(2), InlineData(8), InlineData(128), InlineData(1 << 30)]
    public void A_signed_remainder_keeps_its_sign(int divisor)
    {
        var text = PtxDivisions.Simplify($"\trem.s32\t%r3, %r2, {divisor};");
        foreach (var value in (int[])[0, 1, 7, 8, 127, 129, -1, -7, -8, -128, -129, int.MaxValue, int.MinValue, int.MinValue + 1])
            Assert.Equal(value % divisor, Run(text, value));
    }

    [Theory, InlineData("sm_75"), InlineData("sm_90a")]
    public void What_they_become_assembles(string architecture)
    {
        var text = $$"""
            .version 8.3
            .target {{architecture}}
            .address_size 64
            .visible .entry Kernel(.param .u64 to, .param .u32 of)
            {
            	.reg .b32 %r<4>;
            	.reg .b64 %rd<2>;
            	ld.param.u32 %r1, [of];
            	ld.param.u64 %rd1, [to];
            	rem.s32	%r2, %r1, 32;
            	rem.u32	%r3, %r1, 8;
            	st.global.v2.u32 [%rd1], {%r2, %r3};
            	ret;
            }
            """;
        PtxAssembler.Assemble(PtxDivisions.Simplify(text), architecture);
    }

    private static int Run(string text, int value)
    {
        var registers = new Dictionary<string, int> { ["%r2"] = value };
        foreach (Match step in Step().Matches(text))
        {
            int Of(int group) => int.TryParse(step.Groups[group].ValueSpan, out var constant) ? constant : registers[step.Groups[group].Value];
            registers[step.Groups[2].Value] = step.Groups[1].Value switch
            {
                "shr.s32" => Of(3) >> Of(4),
                "and.b32" => Of(3) & Of(4),
                "add.s32" => unchecked(Of(3) + Of(4)),
                _ => unchecked(Of(3) - Of(4)),
            };
        }
        return registers["%r3"];
    }

    [GeneratedRegex(@"(shr\.s32|and\.b32|add\.s32|sub\.s32) (\S+), (\S+), (\S+);")]
    private static partial Regex Step();
}
