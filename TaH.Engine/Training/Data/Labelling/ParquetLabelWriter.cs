using Parquet;
using Parquet.Schema;

namespace TaH.Engine;

/// <summary>Labelled rows as Parquet, with the columns of the official labeller and the rows' kinds.</summary>
internal sealed class ParquetLabelWriter : ILabelWriter
{
    private const int TokensPerGroup = 1 << 20;

    private readonly AtomicOutput _output;
    private readonly DataField<string> _id = new(RowFields.DataId);
    private readonly DataField<string> _kind = new(RowFields.Kind);
    private readonly DataField<string> _text = new(LabelFields.RealText);
    private readonly ListField _tokens = List<int>(RowFields.RealToken);
    private readonly ListField _mask = List<int>(RowFields.Mask);
    private readonly ListField _mismatch = List<int>(RowFields.Mismatch);
    private readonly ListField? _entropy;
    private readonly ListField? _crossEntropy;
    private readonly ParquetWriter _writer;
    private readonly List<LabelledTokens> _rows = [];
    private int _pendingTokens;

    public ParquetLabelWriter(LabelRequest request)
    {
        _entropy = request.Entropy ? List<float>(LabelFields.Entropy) : null;
        _crossEntropy = request.CrossEntropy ? List<float>(LabelFields.CrossEntropy) : null;
        Field?[] fields = [_id, _kind, _text, _tokens, _mask, _mismatch, _entropy, _crossEntropy];
        _output = new AtomicOutput(request.Output);
        _writer = Blocking.Wait(() => ParquetWriter.CreateAsync(new ParquetSchema([.. fields.OfType<Field>()]), _output.Stream));
    }

    /// <inheritdoc/>
    public void Write(LabelledTokens row)
    {
        _rows.Add(row);
        _pendingTokens += row.Tokens.Length;
        if (_pendingTokens >= TokensPerGroup) Flush();
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_rows.Count > 0) Flush();
        _output.Guard(() => Blocking.Wait(() => _writer.DisposeAsync().AsTask()));
        _output.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    private void Flush()
    {
        _output.Guard(() => Blocking.Wait(FlushAsync));
        _rows.Clear();
        _pendingTokens = 0;
    }

    private async Task FlushAsync()
    {
        using var group = _writer.CreateRowGroup();
        await group.WriteAsync(_id, [.. _rows.Select(row => row.Id)]).ConfigureAwait(false);
        await group.WriteAsync(_kind, [.. _rows.Select(row => row.Kind)]).ConfigureAwait(false);
        await group.WriteAsync(_text, [.. _rows.Select(row => row.Text)]).ConfigureAwait(false);
        await WriteList(group, _tokens, row => row.Tokens).ConfigureAwait(false);
        await WriteList(group, _mask, row => row.Mask).ConfigureAwait(false);
        await WriteList(group, _mismatch, row => row.Mismatch).ConfigureAwait(false);
        if (_entropy is not null) await WriteList(group, _entropy, row => row.Entropy).ConfigureAwait(false);
        if (_crossEntropy is not null) await WriteList(group, _crossEntropy, row => row.CrossEntropy).ConfigureAwait(false);
    }

    /// <summary>Writes lists, none of them empty: an entry's repetition level is 0 where a list begins, its definition level the highest.</summary>
    private Task WriteList<T>(ParquetRowGroupWriter group, ListField list, Func<LabelledTokens, T[]> select) where T : struct
    {
        var field = (DataField)list.Item;
        T[] values = [.. _rows.SelectMany(select)];
        var (definitions, repetitions) = (new int[values.Length], new int[values.Length]);
        definitions.AsSpan().Fill(field.MaxDefinitionLevel);
        repetitions.AsSpan().Fill(1);
        for (int row = 0, at = 0; row < _rows.Count; at += _rows[row++].Tokens.Length) repetitions[at] = 0;
        return group.WriteAllPartsAsync<T>(
            field, values, (ReadOnlyMemory<int>)definitions, (ReadOnlyMemory<int>)repetitions, CancellationToken.None);
    }

    private static ListField List<T>(string name) where T : struct => new(name, new DataField<T>("element"));
}
