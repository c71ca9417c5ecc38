using CsCheck;
using Parquet;
using Parquet.Schema;

namespace TaH.Tests;

public sealed class ParquetRowTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Labelled_rows_are_read_group_by_group()
    {
        var (id, token, mask, mismatch) = (new DataField<long>("data_id"), List<long>("real_token"), List<int>("mask"), List<bool>("mismatch"));
        await Write([id, token, mask, mismatch], 2, async (group, first) =>
        {
            await group.WriteAsync<long>(id, new long[] { first, first + 1 });
            await WriteList<long>(group, token, new long[] { 5, 6, 7, 8, 9 }, new[] { 0, 1, 1, 0, 1 });
            await WriteList<int>(group, mask, new[] { 0, 1, 1, 0, 1 }, new[] { 0, 1, 1, 0, 1 });
            await WriteList<bool>(group, mismatch, new[] { false, true, false, false, true }, new[] { 0, 1, 1, 0, 1 });
        });
        var rows = DataFile.Rows(Path).Cast<LabelledRow>().ToList();
        Assert.Equal(["0", "1", "2", "3"], rows.Select(row => row.Id));
        Assert.Equal([1L, 2, 3, 4], rows.Select(row => row.Place.Number));
        Assert.Equal([5, 6, 7], rows[2].Tokens);
        Assert.Equal([8, 9], rows[3].Tokens);
        Assert.Equal([false, true, true], rows[2].Mask);
        Assert.Equal<byte>([0, 1], rows[1].Mismatch!);
        Assert.Equal(4, DataFile.Count(Path));
    }

    [Fact]
    public async Task Conversations_and_responses_are_read()
    {
        var (role, content) = (new DataField<string>("role"), new DataField<string>("content"));
        var messages = new ListField("messages", new StructField("element", role, content));
        await Write([messages], 1, async (group, _) =>
        {
            await group.WriteAsync(role, ["user", "assistant", "user"], (ReadOnlyMemory<int>)new[] { 0, 1, 0 });
            await group.WriteAsync(content, ["a", "b", "c"], (ReadOnlyMemory<int>)new[] { 0, 1, 0 });
        });
        var rows = DataFile.Rows(Path).Cast<ConversationRow>().ToList();
        Assert.Equal([new ChatMessage("user", "a"), new ChatMessage("assistant", "b")], rows[0].Messages);
        Assert.Equal([new ChatMessage("user", "c")], rows[1].Messages);

        var (prompt, response, text) = (new DataField<string>("prompt"), new DataField<string>("response"), new DataField<string>("text"));
        await Write([prompt, response, text], 1, async (group, _) =>
        {
            await group.WriteAsync(prompt, ["a", null!, "d"]);
            await group.WriteAsync(response, ["b", null!, null!]);
            await group.WriteAsync(text, [null!, "c", null!]);
        });
        using var read = DataFile.Rows(Path).GetEnumerator();
        Assert.True(read.MoveNext());
        Assert.Equal(("a", "b"), (((ResponseRow)read.Current).Prompt, ((ResponseRow)read.Current).Response));
        Assert.True(read.MoveNext());
        Assert.Equal("c", ((TextRow)read.Current).Text);
        Assert.EndsWith("row 3, response: is missing beside prompt", Assert.Throws<BadFileException>(() => read.MoveNext()).Message);
    }

    [Fact]
    public async Task Lists_that_differ_are_named_with_their_row()
    {
        var (token, mask) = (List<int>("real_token"), List<int>("mask"));
        await Write([token, mask], 1, async (group, _) =>
        {
            await WriteList<int>(group, token, new[] { 5, 6, 7 }, new[] { 0, 0, 1 });
            await WriteList<int>(group, mask, new[] { 1, 1 }, new[] { 0, 0 });
        });
        var error = Assert.Throws<BadFileException>(() => DataFile.Rows(Path).ToList());
        Assert.EndsWith("row 2, mask: has 1 entries, real_token has 2; the lists belong together", error.Message);
    }

    [Fact]
    public async Task Any_mutation_of_a_file_is_read_or_refused()
    {
        await Labelled_rows_are_read_group_by_group();
        var good = await File.ReadAllBytesAsync(Path, TestContext.Current.CancellationToken);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[2].Sample(
            changes =>
            {
                var (bytes, path) = (good.ToArray(), _directory.At($"{Environment.CurrentManagedThreadId}.parquet"));
                foreach (var (at, value) in changes) bytes[at] = value;
                File.WriteAllBytes(path, bytes);
                try
                {
                    return DataFile.Rows(path).All(row => row is not LabelledRow labelled || labelled.Tokens.Length == labelled.Mask.Length);
                }
                catch (BadFileException)
                {
                    return true;
                }
            },
            seed: "0000KOIPe036", iter: 300);
    }

    public void Dispose() => _directory.Dispose();

    private string Path => _directory.At("rows.parquet");

    private static ListField List<T>(string name) where T : struct => new(name, new DataField<T>("element"));

    private static DataField Leaf(ListField list) => (DataField)list.Item;

    private static Task WriteList<T>(ParquetRowGroupWriter group, ListField list, T[] values, int[] repetitions) where T : struct
    {
        int[] definitions = [.. values.Select(_ => Leaf(list).MaxDefinitionLevel)];
        return group.WriteAllPartsAsync<T>(
            Leaf(list), values, (ReadOnlyMemory<int>)definitions, (ReadOnlyMemory<int>)repetitions, CancellationToken.None);
    }

    private async Task Write(Field[] fields, int groups, Func<ParquetRowGroupWriter, int, Task> write)
    {
        await using var stream = File.Create(Path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream);
        for (var index = 0; index < groups; index++)
        {
            using var group = writer.CreateRowGroup();
            await write(group, 2 * index);
        }
    }
}
