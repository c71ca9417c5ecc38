using System.Security.Cryptography;
using System.Text;

namespace TaH.Tests;

public sealed class NfcTests
{
    /// <summary>
    /// The digest is Python's (unicodedata.normalize("NFC", text), UTF-8, a line feed after each) over the same texts in the same order. Its Unicode
    /// is 14.0 and the table's 15.0: U+0ECE and the blocks that 15.0 added characters with combining classes to are left out.
    /// </summary>
    [Fact]
    public void Equals_Python_on_every_code_point_in_seven_contexts()
    {
        (int Low, int High)[] ranges =
            [(0, 0xECE), (0xECF, 0xD800), (0xE000, 0x10000), (0x11000, 0x11F00), (0x1D000, 0x1D800), (0x2F800, 0x2FA20)];
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var codePoint in ranges.SelectMany(range => Enumerable.Range(range.Low, range.High - range.Low)))
        {
            var c = char.ConvertFromUtf32(codePoint);
            string[] texts = [c, "a" + c, c + "\u0301", c + "\u0302\u0323", "\u0323\u0301" + c + "\u0316", c + "\u3099", "\u1100" + c + "\u11A8"];
            foreach (var text in texts) digest.AppendData(Encoding.UTF8.GetBytes(Nfc.Normalize(text) + "\n"));
        }

        Assert.Equal("72de86183b7b7f2598d2bf12c429b7b7379f7b55115099b1e78a556f52c03a42", Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("\u212B", "Å")] // A singleton: never composed again.
    [InlineData("\u1112\u1161\u11AB", "한")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")] // Marks in the order of their classes.
    [InlineData("\u0958", "\u0915\u093C")] // Excluded from composition.
    [InlineData("\uD834\uDD57\uD834\uDD65", "\uD834\uDD57\uD834\uDD65")]
    public void Composes_what_the_standard_composes(string text, string expected)
    {
        Assert.Equal(expected, Nfc.Normalize(text));
        Assert.Equal(expected, Nfc.Normalize(expected));
    }

    [Fact]
    public void A_text_in_NFC_is_returned_as_it_is()
    {
        const string Text = "Grüße, 東京 한국 🙂";
        Assert.Same(Text, Nfc.Normalize(Text));
    }
}
