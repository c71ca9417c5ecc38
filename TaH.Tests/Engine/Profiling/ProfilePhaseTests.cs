namespace TaH.Tests;

public class ProfilePhaseTests
{
    [Fact]
    public void Kernels_are_added_up_by_what_they_are_and_what_they_are_for()
    {
        var phase = ProfileData.Phase();
        Assert.Equal([("MatMul", "out", "1 x 8 x 4", 4), ("TopK", "head", "1 x 100", 2), ("Lora <\"&>", "sample", "1 x 2 x 3", 2)],
            phase.Kernels.Select(kernel => (kernel.Operation, kernel.Stage, kernel.Sizes, kernel.Calls)));
        var product = phase.Kernels[0];
        Assert.Equal((32_000_000, 64_000_000), (product.Bytes, product.Flops));
        Near(40e-6, product.Seconds);
        Near(8e11, product.BytesPerSecond);
        Near(1.6e12, product.FlopsPerSecond);
        Near(2, product.Intensity);
        Near(10e-6, product.Shortest);
        Near(10e-6, product.Longest);
    }

    /// <summary>Each kernel is held against the ceiling that bounds it.</summary>
    [Fact]
    public void Shares_of_the_ceiling_are_those_of_the_bound()
    {
        var kernels = ProfileData.Phase().Kernels;
        Assert.Equal([false, false, true], kernels.Select(kernel => kernel.IsMatrixBound(ProfileData.Ceilings)));
        Assert.Equal([0.8, 0.1, 0.5], kernels.Select(kernel => Math.Round(kernel.ShareOf(ProfileData.Ceilings), 9)));
        Assert.Equal([8e-6, 18e-6, 10e-6], kernels.Select(kernel => Math.Round(kernel.Potential(ProfileData.Ceilings), 12)));
    }

    [Fact]
    public void Time_is_kernels_and_gaps()
    {
        var phase = ProfileData.Phase();
        Near(80e-6, phase.Busy);
        Near(12e-6, phase.GapsInside);
        Near(54e-6, phase.GapsBetween);
        Near(phase.Span, phase.Busy + phase.GapsInside + phase.GapsBetween);
        Assert.Equal(8, phase.Launches);
        Near(25_000, phase.TokensPerSecond);
        Near(0.5, phase.ShareOf(ProfileData.Ceilings)); // 2 x 20 us of reading in 80 us
    }

    /// <summary>What the host does then does not show on a card's time line: it is what the whole takes beyond the passes.</summary>
    [Fact]
    public void Where_launches_run_ahead_the_time_between_passes_is_that_of_the_unprofiled_run()
    {
        var phase = ProfileData.Phase(launchesAhead: true);
        Assert.Equal(0, phase.GapsBetween); // passes of 92 us together cannot take 80
        Near(58e-6, (phase with { PlainSeconds = 150e-6 }).GapsBetween);
        Near(150e-6, (phase with { PlainSeconds = 150e-6 }).Span);
    }

    [Fact]
    public void Savings_are_the_time_above_the_ceiling_and_the_gaps()
    {
        var savings = ProfileData.Phase().Savings(ProfileData.Ceilings);
        Assert.Equal(
            ["gaps between passes", "TopK (head) 1 x 100", "gaps between kernels", "Lora <\"&> (sample) 1 x 2 x 3", "MatMul (out) 1 x 8 x 4"],
            savings.Select(saving => saving.What));
        Near(54e-6 + 18e-6 + 12e-6 + 10e-6 + 8e-6, savings.Sum(saving => saving.Seconds));
        Assert.StartsWith("2 launches of 10.0 us for work of 1.0 us", savings[1].Why);
        Assert.Equal("computes at 50 % of the matrix ceiling", savings[3].Why);
        Assert.Equal("moves its bytes at 80 % of the read ceiling", savings[4].Why);
    }

    [Theory, InlineData(8, 0, "prefill"), InlineData(2, 0, "decode"), InlineData(1, 0, "decode")]
    [InlineData(2, 2, "second pass"), InlineData(3, 1, "mixed")]
    public void Passes_are_called_what_they_are(int rows, int deep, string kind) =>
        Assert.Equal(kind, new PassSpan(0, new ProfiledPass(rows, deep, 1, 1), []).Kind(batch: 2));

    [Fact]
    public void What_ran_before_the_first_pass_belongs_to_none()
    {
        var log = ProfileData.Log();
        var stray = log.Runs[0] with { Place = KernelPlace.None };
        Assert.Equal([4, 4], PassSpan.Of(log with { Runs = [stray, .. log.Runs] }).Select(pass => pass.Runs.Count));
    }

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, Math.Abs(expected) * 1e-9);
}
