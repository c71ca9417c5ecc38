using System.Text;
using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>What a tokenizer.json may not say is refused with the file and the field; a mutated one is read or refused, nothing else.</summary>
public sealed class TokenizerFileTests
{
    [Theory]
    [InlineData("pre_tokenizer.type", "\"Metaspace\"", "pre_tokenizer.type: \"Metaspace\" is not supported")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer: is missing")]
    [InlineData("pre_tokenizer.pretokenizers.0.pattern.Regex", "\".*\"", "pre_tokenizer.pretokenizers[0].pattern.Regex: \".*\" is not supported")]
    [InlineData("pre_tokenizer.pretokenizers.0.behavior", "\"Removed\"", "pretokenizers[0].behavior: \"Removed\" is not supported")]
    [InlineData("pre_tokenizer.pretokenizers.1.use_regex", "true", "pretokenizers[1].use_regex: true is not supported")]
    [InlineData("pre_tokenizer.pretokenizers.1.add_prefix_space", "true", "pretokenizers[1].add_prefix_space: true is not supported")]
    [InlineData("normalizer.type", "\"Lowercase\"", "normalizer.type: \"Lowercase\" is not supported")]
    [InlineData("normalizer", "7", "normalizer: 7 is not an object")]
    [InlineData("decoder.type", "\"WordPiece\"", "decoder.type: \"WordPiece\" is not supported")]
    [InlineData("post_processor", "{\"type\":\"BertProcessing\"}", "post_processor.type: \"BertProcessing\" is not supported")]
    [InlineData("model.type", "\"Unigram\"", "model.type: \"Unigram\" is not supported")]
    [InlineData("model.dropout", "0.5", "model.dropout: 0.5 is not supported")]
    [InlineData("model.ignore_merges", "true", "model.ignore_merges: true is not supported")]
    [InlineData("model.end_of_word_suffix", "\"@\"", "model.end_of_word_suffix: \"@\" is not supported")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix: \"##\" is not supported")]
    [InlineData("model.vocab.A", "-1", "model.vocab.A: is not a token id")]
    [InlineData("model.vocab.A", "4194304", "model.vocab.A: is not a token id from 0 to 4,194,303")]
    [InlineData("model.vocab.A", "1e99", "model.vocab.A: is not a token id")]
    [InlineData("model.vocab.A", "33", "model.vocab.B: has id 33, which is that of \"A\"")]
    [InlineData("model.vocab", "{}", "model.vocab: has no token \"Ā\" for byte 0x00")]
    [InlineData("model.merges", "{}", "model.merges: is not an array")]
    [InlineData("model.merges.3", "[\"a\"]", "model.merges[3]: is neither \"left right\" nor [\"left\", \"right\"]")]
    [InlineData("model.merges.3", "\"ab\"", "model.merges[3]: \"ab\" is not two tokens")]
    [InlineData("model.merges.3", "\"a  b\"", "model.merges[3]: \"a  b\" is not two tokens")]
    [InlineData("model.merges.3", "[\"Ġqqq\", \"a\"]", "model.merges[3]: \"Ġqqq a\" needs the token \"Ġqqq\", which model.vocab does not have")]
    [InlineData("model.merges.3", "[\"q\", \"q\"]", "model.merges[3]: \"q q\" needs the token \"qq\", which model.vocab does not have")]
    [InlineData("model.merges.3", "[\"Ġ\", \"a\"]", "appears twice")]
    [InlineData("added_tokens.0.id", "538", "added_tokens.<|im_start|>: has id 538, which is that of \"<|endoftext|>\"")]
    [InlineData("added_tokens.0.id", "-5", "added_tokens[0].id: -5 is not a token id from 0 to 4,194,303")]
    [InlineData("added_tokens.0.id", "\"5\"", "added_tokens[0].id: \"5\" is not a token id")]
    [InlineData("added_tokens.0.content", "\"\"", "added_tokens[0].content: is empty")]
    [InlineData("added_tokens.0.content", "\"<think>\"", "added_tokens[3].content: \"<think>\" appears twice")]
    [InlineData("added_tokens.0.content", "\"A\"", "added_tokens[0].id: \"A\" is 537 here and 32 in model.vocab")]
    [InlineData("added_tokens.0.lstrip", "1", "added_tokens[0].lstrip: 1 is not true or false")]
    public void What_is_not_supported_is_refused_by_field(string path, string value, string message)
    {
        var root = JsonNode.Parse(TokenizerFixtures.TinyJson)!;
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(root, (node, name) => node is JsonArray array ? array[int.Parse(name)]! : node[name]!);
        if (parent is JsonArray parentArray) parentArray[int.Parse(names[^1])] = JsonNode.Parse(value);
        else parent[names[^1]] = JsonNode.Parse(value);

        AssertRefused(Encoding.UTF8.GetBytes(root.ToJsonString()), message);
    }

    [Theory]
    [InlineData("", "line 1: is not valid JSON")]
    [InlineData("[]", "the file: is not an object")]
    [InlineData("{}", "model: is missing")]
    [InlineData("{\"model\": 3}", "model: is not an object")]
    [InlineData("{\"model\": {}}", "model.vocab: is missing")]
    [InlineData("{\"decoder\": {}, \"decoder\": {}}", "decoder: appears twice")]
    [InlineData("{\"decoder\": {\"type\": 1, \"type\": 2}}", "decoder: ")]
    [InlineData("{\"model\": {\"vocab\": {\"a\": 1, \"a\": 2}}}", "model.vocab.a: appears twice")]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"type\": \"BPE\"}}", "model.type: appears twice")]
    [InlineData("{\"model\": {\"vocab\": {\"\\ud800\": 1}}}", "near byte 21: holds text that is not Unicode")]
    [InlineData("{\"model\": {\"vocab\": {\"\\u001b[31mred\": -1}}}", @"model.vocab.\u001b[31mred: is not a token id")]
    [InlineData("{\"\\u0007\": {}, \"\\u0007\": {}}", @"tokenizer.json: \u0007: appears twice")]
    [InlineData("{} {}", "line 1: is not valid JSON")]
    public void A_malformed_file_is_refused(string json, string message) => AssertRefused(Encoding.UTF8.GetBytes(json), message);

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<CheckpointException>(() => Tokenizer.Open(Path.Combine(AppContext.BaseDirectory, "nowhere")));
        Assert.EndsWith("tokenizer.json: not found; a checkpoint directory needs it to turn text into tokens", error.Message);
    }

    [Fact]
    public void Ids_may_have_holes()
    {
        var root = JsonNode.Parse(TokenizerFixtures.TinyJson)!;
        root["added_tokens"]![4]!["id"] = 700;
        var tokenizer = Tokenizer.Parse("tokenizer.json", Encoding.UTF8.GetBytes(root.ToJsonString()));
        Assert.Equal(701, tokenizer.VocabularySize);
        Assert.Equal([700], tokenizer.Encode("</think>"));
        Assert.Equal("</think>", tokenizer.Decode([541, 600, 700]));
    }

    [Fact]
    public void Mutated_files_are_read_or_refused_with_the_typed_exception()
    {
        var original = TokenizerFixtures.TinyJson;
        var random = new Random(11);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 6000; i++)
        {
            var bytes = TokenizerFixtures.Mutate(random, original);
            try
            {
                var tokenizer = Tokenizer.Parse("tokenizer.json", bytes);
                var ids = tokenizer.Encode("<think>Now u = 26, é.\n");
                tokenizer.Decode(ids);
                read++;
            }
            catch (CheckpointException e)
            {
                Assert.StartsWith("tokenizer.json: ", e.Message);
                refused++;
            }
        }

        Assert.True(read > 300 && refused > 3000, $"{read} read, {refused} refused: the mutations test nothing");
    }

    private static void AssertRefused(byte[] json, string message)
    {
        var error = Assert.Throws<CheckpointException>(() => Tokenizer.Parse("tokenizer.json", json).Encode("a"));
        Assert.Contains(message, error.Message);
        Assert.StartsWith("tokenizer.json: ", error.Message);
    }
}
