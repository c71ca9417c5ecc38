namespace TaH.Tests;

public class LearningRateScheduleTests
{
    [Fact]
    public void Rises_in_a_line_and_falls_by_half_a_cosine_to_the_floor()
    {
        var schedule = LearningRateSchedule.Of(peak: 2, steps: 110, warmupRatio: 0.09, floorRate: 0.1);
        Assert.Equal(10, schedule.WarmupSteps); // 9.9, rounded up
        Assert.Equal([0, 0.2, 1, 1.8, 2], new[] { 0, 1, 5, 9, 10 }.Select(schedule.At), new Nearly());
        // A quarter, half and three quarters of the way: (1 + cos) / 2 of what lies above the floor.
        Assert.Equal([0.2 + (1.8 * (2 + Math.Sqrt(2)) / 4), 1.1, 0.2 + (1.8 * (2 - Math.Sqrt(2)) / 4)], new[] { 35, 60, 85 }.Select(schedule.At), new Nearly());
        // The floor is that of a step behind the last one.
        Assert.Equal([0.2, 0.2], new[] { 110, 1000 }.Select(schedule.At), new Nearly());
        double[] rates = [.. Enumerable.Range(0, 111).Select(schedule.At)];
        Assert.Equal(rates[10..].OrderDescending(), rates[10..]);
    }

    [Fact]
    public void Has_no_warm_up_where_none_is_asked_for_and_stays_with_a_floor_of_one()
    {
        var schedule = LearningRateSchedule.Of(peak: 3, steps: 4, warmupRatio: 0, floorRate: 1);
        Assert.Equal([3, 3, 3, 3], Enumerable.Range(0, 4).Select(schedule.At), new Nearly());
        Assert.Equal(0, LearningRateSchedule.Of(peak: 3, steps: 4, warmupRatio: 0, floorRate: 0).At(4), tolerance: 1e-12);
    }

    [Fact]
    public void All_of_a_run_may_warm_up()
    {
        var schedule = LearningRateSchedule.Of(peak: 1, steps: 4, warmupRatio: 1, floorRate: 0.1);
        Assert.Equal([0, 0.25, 0.5, 0.75], Enumerable.Range(0, 4).Select(schedule.At), new Nearly());
        Assert.Equal(0, LearningRateSchedule.Of(peak: 1, steps: 1, warmupRatio: 0.03, floorRate: 0.1).At(0)); // its one step is the warm-up
    }

    private sealed class Nearly : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= 1e-12;

        public int GetHashCode(double value) => 0;
    }
}
