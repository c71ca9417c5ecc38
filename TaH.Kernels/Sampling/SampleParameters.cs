namespace TaH.Kernels;

/// <summary><see cref="SampleRequest"/> as kernels read it: the penalised tokens lie in a list of their own.</summary>
/// <param name="Slot">Whose accumulated logits.</param>
/// <param name="Temperature">At most 0: greedy.</param>
/// <param name="TopK">At most 0: all.</param>
/// <param name="TopP">From 1 on: all.</param>
/// <param name="MinP">Share of the largest probability.</param>
/// <param name="Uniform">The draw.</param>
/// <param name="FirstSeen">Where the request's tokens start in the list; each is (token, times generated).</param>
/// <param name="SeenCount">How many there are; 0 for no penalties.</param>
/// <param name="Repetition">Divides positive logits, multiplies negative ones.</param>
/// <param name="Presence">Subtracted once from generated tokens.</param>
/// <param name="Frequency">Subtracted for each time.</param>
internal readonly record struct SampleParameters(
    int Slot, float Temperature, int TopK, float TopP, float MinP, float Uniform,
    int FirstSeen, int SeenCount, float Repetition, float Presence, float Frequency)
{
    /// <summary>The top-k to count to; no row has as many as stand for all.</summary>
    public int TopKOrAll => TopK > 0 ? TopK : int.MaxValue;

    /// <summary>A logit of a seen token with what it costs, in the order of transformers: repetition first, then what is subtracted.</summary>
    public float Penalise(float logit, int timesGenerated)
    {
        var penalised = logit > 0f ? logit / Repetition : logit * Repetition;
        return timesGenerated > 0 ? penalised - Presence - (Frequency * timesGenerated) : penalised;
    }
}
