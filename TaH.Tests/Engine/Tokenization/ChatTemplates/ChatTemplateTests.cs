using System.Text;
using System.Text.Json;

namespace TaH.Tests;

/// <summary>The part of Jinja that is supported renders as Jinja2 does; the rest, and hostile templates, fail with the one typed exception.</summary>
public sealed class ChatTemplateTests
{
    private sealed record JinjaCase(string Template, string Text);

    private static readonly JinjaCase[] Cases =
        JsonSerializer.Deserialize<JinjaCase[]>(File.ReadAllText(TokenizerFixtures.PathOf("jinja_cases.json")), JsonSerializerOptions.Web)!;

    private static readonly Dictionary<string, object?> Variables = new()
    {
        ["messages"] = new List<object?>
        {
            new Dictionary<string, object?> { ["role"] = "user", ["content"] = "hi" },
            new Dictionary<string, object?> { ["role"] = "assistant", ["content"] = "yo" },
        },
    };

    [Fact]
    public void Renders_as_Jinja2()
    {
        Assert.Equal(25, Cases.Length);
        Assert.All(Cases, sample => Assert.Equal(sample.Text, ChatTemplate.Parse(sample.Template).Render(Variables)));
    }

    [Theory]
    [InlineData("{{ 'a' ", "does not end")]
    [InlineData("{{ 'a }}", "string that does not end")]
    [InlineData("{# a", "comment that does not end")]
    [InlineData("{% if true %}", "ends where {% endif %} is expected")]
    [InlineData("{% endfor %}", "\"endfor\", which is not supported here")]
    [InlineData("{{ 1.5 }}", "\"5\" where a field name is expected")]
    [InlineData("{{ 99999999999999999999 }}", "too large")]
    [InlineData("{{ '\\q' }}", "escape \\q")]
    [InlineData("{{ f(1) }}", "function f")]
    [InlineData("{{ 'a' + 1 }}", "a string + a number")]
    [InlineData("{{ 5 % 0 }}", "a number % a number")]
    [InlineData("{{ 'a'[::0] }}", "step of 0")]
    [InlineData("{{ [1] }}", "prints a list")]
    [InlineData("{% set x = 1 %}{% set x.y = 2 %}", "x is not a namespace")]
    public void What_is_not_supported_is_named(string template, string message) =>
        Assert.Contains(message, Assert.Throws<TemplateException>(() => ChatTemplate.Parse(template).Render(Variables)).Message);

    [Fact]
    public void Deep_nesting_and_endless_work_are_refused_in_time()
    {
        const int Deep = 100_000;
        string[] hostile =
        [
            "{{ " + new string('(', Deep),
            "{{ " + new string('[', Deep),
            "{{ " + Repeat("not ", Deep) + "1 }}",
            "{{ " + new string('-', Deep) + "1 }}",
            "{{ 1" + Repeat(" + 1", Deep) + " }}",
            "{{ x" + Repeat(".y", Deep) + " }}",
            "{{ 1" + Repeat(" | d", Deep) + " }}",
            "{{ 1" + Repeat(" if 1 else 1", Deep) + " }}",
            Repeat("{% if 1 %}", Deep),
            "{% set n = namespace(s='ab') %}" + Repeat("{% set n.s = n.s + n.s %}", 100),
            Repeat("{% for c in 'abcdefghijklmnopqrstuvwxyz' %}", 20) + Repeat("{% endfor %}", 20),
        ];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.All(hostile, template => Assert.Throws<TemplateException>(() => ChatTemplate.Parse(template).Render(Variables)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"took {clock.Elapsed}"); // About one on two cores; without the limits, for ever.
    }

    [Fact]
    public void Mutated_templates_render_or_fail_with_the_typed_exception()
    {
        var random = new Random(7);
        using var config = JsonDocument.Parse(File.ReadAllText(TokenizerFixtures.PathOf("qwen3-tokenizer_config.json")));
        string[] sources = [.. Cases.Select(sample => sample.Template), config.RootElement.GetProperty("chat_template").GetString()!];
        var refused = 0;
        for (var i = 0; i < 5000; i++)
        {
            var template = Mutate(random, sources[random.Next(sources.Length)], sources[random.Next(sources.Length)]);
            try
            {
                ChatTemplate.Parse(template).Render(Variables);
            }
            catch (Exception e) when (e is TemplateException or UsageException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 4900); // Both happen, or the mutations test nothing.
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static string Mutate(Random random, string template, string other)
    {
        var text = new StringBuilder(template);
        for (var n = random.Next(1, 4); n > 0 && text.Length > 0; n--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0: text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)); break;
                case 1: text[at] = "{}%#-+'\"[]().|~\\ \n0a"[random.Next(19)]; break;
                case 2: text.Insert(at, other.AsSpan(other.Length / 2)[..Math.Min(8, other.Length / 2)]); break;
                default: text.Length = at; break;
            }
        }

        return text.ToString();
    }
}
