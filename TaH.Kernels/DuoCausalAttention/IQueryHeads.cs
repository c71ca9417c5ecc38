namespace TaH.Kernels;

/// <summary>
/// The query heads that share the keys and values in hand, in registers: a kernel compiled for one count of heads has no loop over them.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal interface IQueryHeads<TSelf> where TSelf : unmanaged, IQueryHeads<TSelf>
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>Heads that have seen nothing.</summary>
    /// <param name="queries">[heads, headDim] in shared memory: where this thread's eight elements of the first head lie.</param>
    /// <param name="stride">Bytes from one head to the next.</param>
    TSelf Of(ulong queries, int stride);

    /// <summary>Heads that have seen one entry.</summary>
    /// <param name="heads">Heads that have seen nothing.</param>
    /// <param name="key">Where this thread's eight elements of the key lie in shared memory.</param>
    /// <param name="value">The same of the value.</param>
    /// <param name="lanes">Threads that share the entry.</param>
    /// <param name="mine">Whether this thread's team is the one that sees it.</param>
    TSelf See(TSelf heads, ulong key, ulong value, int lanes, bool mine);

    /// <summary>Takes four keys into the softmax.</summary>
    /// <param name="heads">The heads.</param>
    /// <param name="keys">This thread's elements of them.</param>
    /// <param name="lanes">Threads that share an entry.</param>
    /// <param name="known">Of the four entries, how many there are.</param>
    TSelf Score<TOctet, TFormat>(TSelf heads, EntryBatch<TOctet> keys, int lanes, int known)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>;

    /// <summary>Adds the values of the same four.</summary>
    TSelf Add<TOctet, TFormat>(TSelf heads, EntryBatch<TOctet> values) where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>;

    /// <summary>Merges with the same elements of another team of the warp.</summary>
    TSelf MergeAcross(TSelf heads, int distance);

    /// <summary>Merges with what <see cref="Write"/> left in global memory.</summary>
    /// <param name="heads">The heads.</param>
    /// <param name="sums">Where this thread's eight sums of the first head lie.</param>
    /// <param name="stride">Bytes from one head's sums to the next.</param>
    /// <param name="softmax">Largest score and weight of each head.</param>
    /// <param name="at">Where those of the first head are.</param>
    TSelf Merge(TSelf heads, ulong sums, int stride, Floats softmax, long at);

    /// <summary>Puts sums and softmax into shared memory.</summary>
    void Write(TSelf heads, ulong sums, int stride, Floats softmax, int at);
}

/// <summary>The same four entries' keys, or values, as a thread holds them.</summary>
internal readonly record struct EntryBatch<TOctet>(TOctet A, TOctet B, TOctet C, TOctet D) where TOctet : unmanaged;

/// <summary>One head.</summary>
internal readonly record struct OneHead(HeadState State) : IQueryHeads<OneHead>
{
    public int Count => 1;

    public OneHead Of(ulong queries, int stride) =>
        new(HeadState.Of(PtxInstructions.LoadSharedQuad(queries), PtxInstructions.LoadSharedQuad(queries + Word16.Bytes)));

    public OneHead See(OneHead heads, ulong key, ulong value, int lanes, bool mine)
    {
        var state = heads.State;
        var dot = state.Dot(PtxInstructions.LoadSharedQuad(key), PtxInstructions.LoadSharedQuad(key + Word16.Bytes));
        var score = LaneTeam.Sum(dot, lanes);
        var weight = mine ? 1f : 0f;
        return new OneHead(state with
        {
            Largest = mine ? score : HeadState.NoScore, Weight = weight,
            SumLow = PtxInstructions.LoadSharedQuad(value).Scaled(weight), SumHigh = PtxInstructions.LoadSharedQuad(value + Word16.Bytes).Scaled(weight),
        });
    }

    public OneHead Score<TOctet, TFormat>(OneHead heads, EntryBatch<TOctet> keys, int lanes, int known)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>
    {
        var format = default(TFormat);
        float a = heads.State.Dot(format.Low(keys.A), format.High(keys.A)), b = heads.State.Dot(format.Low(keys.B), format.High(keys.B));
        float c = heads.State.Dot(format.Low(keys.C), format.High(keys.C)), d = heads.State.Dot(format.Low(keys.D), format.High(keys.D));
        var scores = new Quad(LaneTeam.Sum(a, lanes), LaneTeam.Sum(b, lanes), LaneTeam.Sum(c, lanes), LaneTeam.Sum(d, lanes));
        return new OneHead(heads.State.Score(new Quad(
            known > 0 ? scores.A : float.NegativeInfinity, known > 1 ? scores.B : float.NegativeInfinity,
            known > 2 ? scores.C : float.NegativeInfinity, known > 3 ? scores.D : float.NegativeInfinity)));
    }

    public OneHead Add<TOctet, TFormat>(OneHead heads, EntryBatch<TOctet> values) where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet>
    {
        var (format, weights) = (default(TFormat), heads.State.Weights);
        return new OneHead(heads.State
            .Add(format.Low(values.A), format.High(values.A), weights.A).Add(format.Low(values.B), format.High(values.B), weights.B)
            .Add(format.Low(values.C), format.High(values.C), weights.C).Add(format.Low(values.D), format.High(values.D), weights.D));
    }

    public OneHead MergeAcross(OneHead heads, int distance) => new(heads.State.MergeAcross(distance));

    public OneHead Merge(OneHead heads, ulong sums, int stride, Floats softmax, long at) => new(heads.State.Merge(new HeadState(
        default, default, softmax[at], softmax[at + 1], default, PtxInstructions.LoadQuad(sums), PtxInstructions.LoadQuad(sums + Word16.Bytes))));

    public void Write(OneHead heads, ulong sums, int stride, Floats softmax, int at)
    {
        PtxInstructions.StoreSharedQuad(sums, heads.State.SumLow);
        PtxInstructions.StoreSharedQuad(sums + Word16.Bytes, heads.State.SumHigh);
        softmax[at] = heads.State.Largest;
        softmax[at + 1] = heads.State.Weight;
    }
}

/// <summary>Twice as many heads.</summary>
internal readonly record struct TwiceHeads<THeads>(THeads First, THeads Second) : IQueryHeads<TwiceHeads<THeads>>
    where THeads : unmanaged, IQueryHeads<THeads>
{
    public int Count => 2 * default(THeads).Count;

    public TwiceHeads<THeads> Of(ulong queries, int stride) =>
        new(default(THeads).Of(queries, stride), default(THeads).Of(queries + Half(stride), stride));

    public TwiceHeads<THeads> See(TwiceHeads<THeads> heads, ulong key, ulong value, int lanes, bool mine) => new(
        default(THeads).See(heads.First, key, value, lanes, mine), default(THeads).See(heads.Second, key, value, lanes, mine));

    public TwiceHeads<THeads> Score<TOctet, TFormat>(TwiceHeads<THeads> heads, EntryBatch<TOctet> keys, int lanes, int known)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> => new(
        default(THeads).Score<TOctet, TFormat>(heads.First, keys, lanes, known), default(THeads).Score<TOctet, TFormat>(heads.Second, keys, lanes, known));

    public TwiceHeads<THeads> Add<TOctet, TFormat>(TwiceHeads<THeads> heads, EntryBatch<TOctet> values)
        where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> =>
        new(default(THeads).Add<TOctet, TFormat>(heads.First, values), default(THeads).Add<TOctet, TFormat>(heads.Second, values));

    public TwiceHeads<THeads> MergeAcross(TwiceHeads<THeads> heads, int distance) =>
        new(default(THeads).MergeAcross(heads.First, distance), default(THeads).MergeAcross(heads.Second, distance));

    public TwiceHeads<THeads> Merge(TwiceHeads<THeads> heads, ulong sums, int stride, Floats softmax, long at) => new(
        default(THeads).Merge(heads.First, sums, stride, softmax, at),
        default(THeads).Merge(heads.Second, sums + Half(stride), stride, softmax, at + Count));

    public void Write(TwiceHeads<THeads> heads, ulong sums, int stride, Floats softmax, int at)
    {
        default(THeads).Write(heads.First, sums, stride, softmax, at);
        default(THeads).Write(heads.Second, sums + Half(stride), stride, softmax, at + Count);
    }

    private static ulong Half(int stride) => (ulong)(default(THeads).Count * stride);
}
