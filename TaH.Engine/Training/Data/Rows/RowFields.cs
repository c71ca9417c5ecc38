namespace TaH.Engine;

/// <summary>The fields of a row as a reader has found them, and which form of row they make.</summary>
/// <param name="place">Where the row stands.</param>
internal sealed class RowFields(RowPlace place)
{
    /// <summary>The names of the fields that are read; all others are passed over.</summary>
    public const string RealToken = "real_token", Mask = "mask", Mismatch = "mismatch", Messages = "messages", Prompt = "prompt",
        Response = "response", Text = "text", DataId = "data_id", Id = "id", Kind = "kind";

    /// <summary>Numbers of <see cref="RealToken"/>, <see cref="Mask"/> and <see cref="Mismatch"/>.</summary>
    public Dictionary<string, int[]> Numbers { get; } = [];

    /// <summary>Strings of <see cref="Prompt"/>, <see cref="Response"/>, <see cref="Text"/>, <see cref="Kind"/> and the ids.</summary>
    public Dictionary<string, string> Strings { get; } = [];

    /// <summary>The turns of <see cref="Messages"/>.</summary>
    public List<ChatMessage>? Turns { get; set; }

    /// <summary>The row, by the first form whose fields are there: labelled, conversation, prompt and response, text.</summary>
    /// <exception cref="BadFileException">No form fits, or fields contradict each other.</exception>
    public TrainingRow ToRow()
    {
        var row = ToForm();
        return Strings.TryGetValue(Kind, out var kind) ? row with { Kind = string.Intern(kind) } : row;
    }

    private TrainingRow ToForm()
    {
        var id = Strings.GetValueOrDefault(DataId) ?? Strings.GetValueOrDefault(Id);
        if (Numbers.TryGetValue(RealToken, out var tokens)) return Labelled(id, tokens);
        if (Turns is not null)
        {
            if (Turns.Count == 0) throw place.Error(Messages, "is empty; a conversation has a turn or more");
            return new ConversationRow(place, id, Turns);
        }
        var (prompt, response) = (Strings.GetValueOrDefault(Prompt), Strings.GetValueOrDefault(Response));
        if (response is not null && prompt is null) throw place.Error(Prompt, $"is missing beside {Response}");
        if (response is not null) return new ResponseRow(place, id, prompt!, response);
        if (Strings.TryGetValue(Text, out var text)) return new TextRow(place, id, text);
        if (prompt is not null) throw place.Error(Response, $"is missing beside {Prompt}");
        throw place.Error(null, $"has none of the fields that rows are known by: {RealToken}, {Messages}, {Prompt} and {Response}, {Text}");
    }

    private LabelledRow Labelled(string? id, int[] tokens)
    {
        if (!Numbers.TryGetValue(Mask, out var mask)) throw place.Error(Mask, $"is missing beside {RealToken}");
        Numbers.TryGetValue(Mismatch, out var mismatch);
        CheckLength(tokens, mask, Mask);
        if (mismatch is not null) CheckLength(tokens, mismatch, Mismatch);
        CheckRange(tokens, RealToken, int.MaxValue, "a token id, 0 or more");
        CheckRange(mask, Mask, 1, "0 or 1");
        if (mismatch is not null) CheckRange(mismatch, Mismatch, byte.MaxValue, "0 to 255");
        return new LabelledRow(
            place, id, tokens, Array.ConvertAll(mask, value => value != 0),
            mismatch is null ? null : Array.ConvertAll(mismatch, value => (byte)value));
    }

    private void CheckLength(int[] tokens, int[] values, string field)
    {
        if (values.Length == tokens.Length) return;
        throw place.Error(
            field, FormattableString.Invariant($"has {values.Length:N0} entries, {RealToken} has {tokens.Length:N0}; the lists belong together"));
    }

    private void CheckRange(int[] values, string field, int most, string allowed)
    {
        var wrong = Array.FindIndex(values, value => value < 0 || value > most);
        if (wrong >= 0) throw place.Error(field, FormattableString.Invariant($"entry {wrong} is {values[wrong]}; {allowed} was expected"));
    }
}
