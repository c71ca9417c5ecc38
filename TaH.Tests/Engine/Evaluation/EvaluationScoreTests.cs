namespace TaH.Tests;

public class EvaluationScoreTests
{
    /// <summary>Two problems of four samples: 1 and 3 right; a third with two samples, none right.</summary>
    [Fact]
    public void Averages_go_over_problems_and_pass_at_k_over_samples()
    {
        EvaluationSample[] samples =
        [
            .. Samples.Of("t", "a", true, false, false, false), .. Samples.Of("t", "b", true, true, true, false), .. Samples.Of("t", "c", false, false),
        ];
        var score = Assert.Single(EvaluationScores.Of(samples));
        Assert.Equal((3, 10, 4), (score.Problems, score.Samples, score.Fair.Correct));
        Assert.Equal((0.25 + 0.75) / 3, score.Fair.Average, 1e-15);
        Assert.Equal([1, 2], score.Fair.PassAtK.Keys);
        Assert.Equal((0.5 + 1) / 3, score.Fair.PassAtK[2], 1e-15);
        Assert.Equal(Math.Sqrt(((1 / 12.0 * 1 / 12) + (5 / 12.0 * 5 / 12) + (1 / 3.0 / 3)) / 2 / 3), score.Fair.StandardError!.Value, 1e-12);
        Assert.Equal((0, 1.5, 3), (score.Official.Correct, score.AverageIterations, score.AverageTokens));
        Assert.Equal(1.0 / 10, score.CutShare);
    }

    [Fact]
    public void Tasks_have_scores_of_their_own()
    {
        var scores = EvaluationScores.Of([.. Samples.Of("x", "a", true), .. Samples.Of("y", "a", false)]);
        Assert.Equal([("x", 1.0), ("y", 0.0)], scores.Select(score => (score.Task, score.Fair.Average)));
        Assert.Null(scores[0].Fair.StandardError);
    }
}
