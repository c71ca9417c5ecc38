using TaH.Cli;

namespace TaH.Tests;

/// <summary>What the options of a verb become in a session's options.</summary>
public class SessionVerbTests
{
    public static TheoryData<string> Verbs => ["generate", "chat", "bench", "profile"];

    [Theory, MemberData(nameof(Verbs))]
    public void Precision_reaches_the_session(string verb)
    {
        Assert.Equal(ProductPrecision.Auto, Options(verb).Precision);
        Assert.Equal(ProductPrecision.Auto, Options(verb, "--precision", "auto").Precision);
        Assert.Equal(ProductPrecision.F32, Options(verb, "--precision", "f32").Precision);
    }

    [Theory, MemberData(nameof(Verbs))]
    public void The_other_settings_reach_it_too(string verb)
    {
        var options = Options(verb, "--kv-type", "bf16", "--ubatch-size", "7", "--max-iter", "3");
        Assert.Equal((ElementType.Bf16, 7, 3), (options.KvType, options.MaxRows, options.MaxIter));
    }

    private static SessionOptions Options(params string[] args) =>
        Assert.IsAssignableFrom<SessionVerb>(VerbParser.Parse(args)).WithSettings(new SessionOptions());
}
