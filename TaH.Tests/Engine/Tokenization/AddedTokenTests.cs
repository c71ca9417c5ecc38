using System.Text.Json;

namespace TaH.Tests;

/// <summary>
/// A tokenizer whose added tokens use every flag and overlap each other, with merges in the old form and a post-processor that adds tokens, against
/// 2,500 reference encodings of Hugging Face tokenizers.
/// </summary>
public sealed class AddedTokenTests
{
    private sealed record FlagsCase(string Text, int[] Ids, int[] Bare, string Decoded, string Skipped);

    private static readonly Tokenizer Flags = Tokenizer.Parse("tokenizer.json", TokenizerFixtures.Unzip("flags-tokenizer.json.gz"));

    private static readonly FlagsCase[] Cases =
        [.. TokenizerFixtures.LinesOf("flags.jsonl.gz").Select(line => JsonSerializer.Deserialize<FlagsCase>(line, JsonSerializerOptions.Web)!)];

    [Fact]
    public void Encodes_as_the_reference()
    {
        Assert.Equal(2500, Cases.Length);
        Assert.All(Cases, sample => Assert.Equal(sample.Ids, Flags.Encode(sample.Text)));
        Assert.All(Cases, sample => Assert.Equal(sample.Bare, Flags.Encode(sample.Text, addSpecialTokens: false)));
    }

    [Fact]
    public void Decodes_as_the_reference_with_and_without_special_tokens()
    {
        Assert.All(Cases, sample => Assert.Equal(sample.Decoded, Flags.Decode(sample.Ids)));
        Assert.All(Cases, sample => Assert.Equal(sample.Skipped, Flags.Decode(sample.Ids, skipSpecialTokens: true)));
        Assert.All(Cases, sample =>
        {
            var decoder = Flags.CreateDecoder();
            Assert.Equal(sample.Skipped, string.Concat(sample.Ids.Select(decoder.Append)) + decoder.Flush());
        });
    }
}
