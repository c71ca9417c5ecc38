using System.Text;

namespace TaH.Tests;

/// <summary>Encode, decode and streaming decode equal Hugging Face tokenizers on every reference case.</summary>
public sealed class TokenizerReferenceTests
{
    public static TheoryData<string, int> Sets() => new()
    {
        { "qwen3-handmade", 181 },
        { "qwen3-fuzz", 5000 },
        { "qwen3-codepoints", 2500 },
        { "tiny", TokenizerFixtures.TinyCases().Length },
    };

    [Theory, MemberData(nameof(Sets))]
    public void Encodes_as_the_reference(string set, int count)
    {
        var (tokenizer, cases) = Open(set);
        Assert.Equal(count, cases.Length);
        Assert.All(cases, sample => Assert.Equal(sample.Ids, tokenizer.Encode(sample.Text)));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Decodes_as_the_reference(string set, int count)
    {
        var (tokenizer, cases) = Open(set);
        Assert.Equal(count, cases.Length);
        Assert.All(cases, sample => Assert.Equal(sample.Decoded, tokenizer.Decode(sample.Ids)));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Streams_whole_code_points_that_join_to_the_reference(string set, int count)
    {
        var (tokenizer, cases) = Open(set);
        Assert.Equal(count, cases.Length);
        Assert.All(cases, sample =>
        {
            var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
            string[] pieces = [.. sample.Ids.Select(decoder.Append), decoder.Flush()];
            Assert.Equal(sample.Decoded, string.Concat(pieces));
            Assert.All(pieces, piece => Assert.Equal(piece, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(piece)))); // No half surrogate pair.
        });
    }

    private static (Tokenizer Tokenizer, ReferenceEncoding[] Cases) Open(string set) => set == "tiny"
        ? (TokenizerFixtures.Tiny, TokenizerFixtures.TinyCases())
        : (TokenizerFixtures.Qwen3, TokenizerFixtures.Qwen3Cases(set));
}
