using System.Text;

namespace TaH.Tests;

public sealed class TokenizerTests
{
    [Fact]
    public void Knows_its_tokens_by_name_and_id()
    {
        var tokenizer = TokenizerFixtures.Qwen3;
        Assert.Equal(151_669, tokenizer.VocabularySize);
        Assert.Equal(151_645, tokenizer.IdOf("<|im_end|>"));
        Assert.Equal(279, tokenizer.IdOf("Ġthe"));
        Assert.Null(tokenizer.IdOf("no such token"));
        Assert.True(tokenizer.IsSpecial(151_645));
        Assert.False(tokenizer.IsSpecial(tokenizer.IdOf("<think>")!.Value)); // Added, but not special.
        Assert.False(tokenizer.IsSpecial(151_936));
    }

    [Fact]
    public void Padding_rows_of_the_head_decode_to_nothing_and_negative_ids_are_refused()
    {
        var tokenizer = TokenizerFixtures.Qwen3;
        Assert.Equal("Hello!", tokenizer.Decode([9707, 151_700, 0, 151_935, int.MaxValue]));
        Assert.Equal("", tokenizer.CreateDecoder().Append(151_700));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([9707, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.CreateDecoder().Append(-1));
    }

    [Fact]
    public void A_code_point_split_over_tokens_comes_out_whole()
    {
        var tokenizer = TokenizerFixtures.Qwen3;
        var ids = tokenizer.Encode("👨‍👩‍👧 𠮷");
        var decoder = tokenizer.CreateDecoder();
        var pieces = ids.Select(decoder.Append).ToArray();
        Assert.Contains("", pieces); // Some token ended inside a code point, or this tests nothing.
        Assert.Equal("👨‍👩‍👧 𠮷", string.Concat(pieces));
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void What_is_left_of_a_code_point_becomes_a_replacement_character_and_the_decoder_starts_anew()
    {
        var tokenizer = TokenizerFixtures.Qwen3;
        int[] half = [tokenizer.IdOf("ð")!.Value, tokenizer.IdOf("ł")!.Value]; // F0 9F: the first two bytes of most emoji.
        var decoder = tokenizer.CreateDecoder();
        Assert.Equal("", string.Concat(half.Select(decoder.Append)));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("Hello", decoder.Append(9707));
        Assert.Equal("\uFFFDHello", tokenizer.Decode([.. half, 9707]));
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_a_replacement_character()
    {
        var tokenizer = TokenizerFixtures.Qwen3;
        foreach (var text in (string[])["\uD83D", "a\uDE42b", "\uD83D\uD83D\uDE42", "é\uD83D<|im_end|>"])
        {
            var wellFormed = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            Assert.Equal(tokenizer.Encode(wellFormed), tokenizer.Encode(text));
        }
    }

    [Fact]
    public void Random_text_survives_encoding_and_decoding_and_several_threads()
    {
        var tokenizer = TokenizerFixtures.Qwen3;
        Parallel.For(0, 2000, seed =>
        {
            var random = new Random(seed);
            var text = new StringBuilder();
            for (var n = random.Next(40); n > 0; n--) text.Append((char)random.Next(0x20, 0x300)); // Below U+0300 everything is NFC.
            Assert.Equal(text.ToString(), tokenizer.Decode(tokenizer.Encode(text.ToString())));
        });
    }
}
