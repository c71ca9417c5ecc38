namespace TaH.Tests;

/// <summary>Typed expressions read as sympy's parse_expr reads them without evaluation.</summary>
public sealed class PlainParserTests
{
    [Theory]
    [InlineData("6", "6")]
    [InlineData("1/2", "1/2")]
    [InlineData("3*(4+5)/2", "(3*(4 + 5))/2")]
    [InlineData("-2^10", "-1*2**10")]
    [InlineData("2**3**2", "2**(3**2)")]
    [InlineData("5!", "factorial(5)")]
    [InlineData("sqrt(2)*pi", "sqrt(2)*pi")]
    [InlineData("(1, 2)", "(1, 2)")]
    [InlineData("1.50", "1.50000000000000")]
    [InlineData("f(x)", "f(x)")]
    public void Reads(string text, string expected)
    {
        Assert.True(PlainParser.TryParse(text, out var value));
        Assert.Equal(expected, value.ToSympyText());
    }

    [Theory, InlineData(""), InlineData("2x"), InlineData("(1"), InlineData("1 +"), InlineData("1..2"), InlineData(")"), InlineData("1/0")]
    public void Refuses(string text) => Assert.False(PlainParser.TryParse(text, out _));
}
