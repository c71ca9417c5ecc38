namespace TaH.Tests;

public class StageTimesTests
{
    /// <summary>Three passes; the second gives no token, because its row goes one depth further.</summary>
    private static readonly StageTimes Times = new(Tokens: [At(11), At(31)], Passes: [At(10), At(20), At(30)], Total: At(40));

    [Fact]
    public void Tokens_belong_to_the_pass_before_them() => Assert.Equal([0, 1, 1, 2], Enumerable.Range(0, 4).Select(Times.TokensOf));

    [Fact]
    public void The_first_token_is_that_of_its_pass() => Assert.Equal(1, Times.PassesToFirstToken);

    [Fact]
    public void A_pass_is_over_with_its_tokens() => Assert.Equal([At(0), At(11), At(20), At(40)], Enumerable.Range(0, 4).Select(Times.Until));

    private static TimeSpan At(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
