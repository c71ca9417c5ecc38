using RowPlace = TaH.Engine.RowPlace;

namespace TaH.Tests;

/// <summary>Rows become tokens, shifted labels and passes as the official preparation makes them.</summary>
public sealed class SequenceTests
{
    private static readonly RowPlace Place = new("f", 1, IsLine: true);
    private static readonly Tokenizer Words = Tokenizer.Open(Golden.TinyModel);
    private static readonly RowTokenizer Tokens = new("tiny", 576, Words, ChatFormat.Open(Golden.TinyModel));

    [Fact]
    public void Labels_are_shifted_and_passes_are_those_of_masked_misses()
    {
        var row = new LabelledRow(Place, null, [10, 11, 12, 13, 14], [false, true, true, true, true], [1, 0, 1, 0, 1]);
        var sequence = Build(row).Sequence!;
        Assert.Equal([11, 12, 13, 14, -1], Labels(sequence));
        Assert.Equal([1, 1, 2, 1, 2], Passes(sequence));
        Assert.Equal((4, 2), (sequence.SupervisedCount, sequence.HardCount));
    }

    [Fact]
    public void A_number_above_one_says_that_the_row_holds_passes_minus_one()
    {
        var row = new LabelledRow(Place, null, [10, 11, 12, 13], [false, true, true, true], [2, 1, 0, 3]);
        Assert.Equal([1, 2, 1, 4], Passes(Build(row, new TrainingDataOptions { MaxIter = 4 }).Sequence!));
        Assert.Equal([1, 2, 1, 3], Passes(Build(row, new TrainingDataOptions { MaxIter = 3 }).Sequence!));
        Assert.Equal([1, 1, 1, 1], Passes(Build(row, new TrainingDataOptions { MaxIter = 1 }).Sequence!));
    }

    [Fact]
    public void Passes_are_drawn_uniformly_and_from_row_and_seed_alone()
    {
        const int Length = 3000;
        var row = new LabelledRow(
            Place, null, new int[Length], [.. Enumerable.Repeat(true, Length)], [.. Enumerable.Repeat((byte)1, Length)]);
        var options = new TrainingDataOptions { MaxIter = 4 };
        var passes = Passes(Build(row, options, number: 5).Sequence!);
        // A third each: 1,000 with a deviation of 26.
        for (var count = 2; count <= 4; count++) Assert.InRange(passes.Count(value => value == count), 870, 1130);
        Assert.Equal(passes, Passes(Build(row, options, number: 5).Sequence!));
        Assert.NotEqual(passes, Passes(Build(row, options, number: 6).Sequence!));
        Assert.NotEqual(passes, Passes(Build(row, options with { Seed = 1 }, number: 5).Sequence!));
    }

    [Fact]
    public void Conversations_carry_loss_from_think_to_the_end_of_each_turn()
    {
        var row = new ConversationRow(Place, null,
        [
            new ChatMessage("user", "What is 5?"), new ChatMessage("assistant", "So 5."), new ChatMessage("user", "Add 1."),
            new ChatMessage("assistant", "Now <think>\n5 + 1\n</think>\n\nThe answer is 6."),
        ]);
        var (tokens, mask, _) = Tokens.Encode(row);
        const string Text = "<|im_start|>user\nWhat is 5?<|im_end|>\n<|im_start|>assistant\nSo 5.<|im_end|>\n<|im_start|>user\nAdd 1.<|im_end|>\n"
            + "<|im_start|>assistant\nNow <think>\n5 + 1\n</think>\n\nThe answer is 6.<|im_end|>";
        Assert.Equal(Text, Words.Decode(tokens));
        var supervised = tokens.Where((_, i) => mask[i]).ToArray();
        Assert.Equal("So 5.<|im_end|><think>\n5 + 1\n</think>\n\nThe answer is 6.<|im_end|>", Words.Decode(supervised));
    }

    [Fact]
    public void Responses_and_texts_carry_loss_as_a_whole()
    {
        var (tokens, mask, _) = Tokens.Encode(new ResponseRow(Place, null, "<|im_start|>a", "b c<|im_end|>"));
        Assert.Equal("b c<|im_end|>", Words.Decode(tokens.Where((_, i) => mask[i]).ToArray()));
        Assert.DoesNotContain(false, Tokens.Encode(new TextRow(Place, null, "a b c")).Mask);
    }

    [Fact]
    public void A_conversation_without_an_answer_is_left_out()
    {
        Assert.Null(Build(new ConversationRow(Place, null, [new ChatMessage("user", "What is 5?")])).Sequence);
        Assert.Null(Build(new LabelledRow(Place, null, [1, 2], [true, false], null)).Sequence);
        Assert.Null(Build(new LabelledRow(Place, null, [], [], [])).Sequence);
    }

    [Fact]
    public void Long_rows_are_cut_or_left_out()
    {
        var row = new LabelledRow(Place, null, [10, 11, 12, 13], [false, true, true, true], [0, 0, 0, 1]);
        var cut = Build(row, new TrainingDataOptions { MaxLength = 3 });
        Assert.True(cut.WasCut);
        Assert.Equal([11, 12, -1], Labels(cut.Sequence!));
        var filtered = Build(row, new TrainingDataOptions { MaxLength = 3, LongRows = LongRowAction.Filter });
        Assert.True(filtered is { Sequence: null, IsTooLong: true });
        Assert.Null(Build(row, new TrainingDataOptions { MaxLength = 1 }).Sequence);
    }

    [Fact]
    public void Tokens_out_of_the_vocabulary_are_refused()
    {
        var error = Assert.Throws<BadFileException>(() => Tokens.Encode(new LabelledRow(Place, null, [1, 576], [true, true], null)));
        Assert.Equal("f: line 1, real_token: entry 1 is token 576, the vocabulary of tiny has 576", error.Message);
    }

    [Fact]
    public void A_file_is_summed_up()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.At("rows.jsonl");
        File.WriteAllLines(path,
        [
            """{"real_token":[1,2,3],"mask":[0,1,1],"mismatch":[0,1,0]}""", """{"real_token":[1,2],"mask":[1,0],"mismatch":[0,0]}""",
            """{"real_token":[1,2,3,4],"mask":[0,1,1,1],"mismatch":[0,0,0,0]}""",
        ]);
        var data = Load(path, new TrainingDataOptions { MaxLength = 3 });
        Assert.Equal("2 of 3 rows, 6 tokens, 4 supervised, 1 hard, 1 rows cut, 1 without a supervised token", data.Summary.ToString());
        Assert.Equal([3, 3], data.Sequences.Select(sequence => sequence.Length));
        File.WriteAllLines(path, Enumerable.Repeat("""{"text":"a b"}""", 9000).Append("""{"real_token":[999],"mask":[1]}"""));
        var error = Assert.Throws<BadFileException>(() => Load(path, new TrainingDataOptions()));
        Assert.Contains("line 9,001, real_token: entry 0 is token 999", error.Message);
        File.WriteAllText(path, "\n");
        Assert.EndsWith("has no rows", Assert.Throws<BadFileException>(() => Load(path, new TrainingDataOptions())).Message);
    }

    private static TrainingData Load(string path, TrainingDataOptions options) =>
        TrainingData.Load([path], Tokens, options, TestContext.Current.CancellationToken);

    private static BuiltSequence Build(TrainingRow row, TrainingDataOptions? options = null, long number = 0) =>
        new SequenceBuilder(Tokens, options ?? new TrainingDataOptions()).Build(row, number);

    private static int[] Labels(TrainingSequence sequence) => [.. Enumerable.Range(0, sequence.Length).Select(sequence.Label)];

    private static int[] Passes(TrainingSequence sequence) => [.. Enumerable.Range(0, sequence.Length).Select(sequence.IterationCount)];
}
