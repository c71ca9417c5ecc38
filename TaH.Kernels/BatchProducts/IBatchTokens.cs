namespace TaH.Kernels;

/// <summary>How many rows of x (tokens) a product of a batch is compiled for, and the instructions of that width.</summary>
internal interface IBatchTokens
{
    /// <summary>Tokens.</summary>
    int Count { get; }

    /// <summary>Declares a thread's sums.</summary>
    void Declare();

    /// <summary>Sets the sums to zero.</summary>
    void Clear();

    /// <summary>Starts the product of a slice of 64 weight rows with that of all tokens.</summary>
    /// <param name="weights">Lower half of the descriptor of the weights, see <see cref="PtxInstructions.SliceLayout"/>.</param>
    /// <param name="tokens">That of the tokens.</param>
    void StartSlice(uint weights, uint tokens);

    /// <summary>Puts the sums into shared memory.</summary>
    /// <param name="address">Where the thread's first weight row of its first token goes.</param>
    /// <param name="tokenBytes">From a token to the next; weight rows are neighbours.</param>
    void Put(uint address, int tokenBytes);

    /// <summary>Sends the sums to those who add them up.</summary>
    void Send(SendBatchSums sender);
}

/// <summary>16 tokens.</summary>
internal readonly struct BatchTokens16 : IBatchTokens
{
    public int Count => 16;

    public void Declare() => PtxInstructions.DeclareSums32();

    public void Clear() => PtxInstructions.ClearSums32();

    public void StartSlice(uint weights, uint tokens) => PtxInstructions.StartSlice16(weights, tokens);

    public void Put(uint address, int tokenBytes) => default(OneStrip).Visit(new PutBatchSums(address, tokenBytes), 0);

    public void Send(SendBatchSums sender) => default(OneStrip).Visit(sender, 0);
}

/// <summary>32 tokens.</summary>
internal readonly struct BatchTokens32 : IBatchTokens
{
    public int Count => 32;

    public void Declare() => PtxInstructions.DeclareSums32();

    public void Clear() => PtxInstructions.ClearSums32();

    public void StartSlice(uint weights, uint tokens) => PtxInstructions.StartSlice32(weights, tokens);

    public void Put(uint address, int tokenBytes) => default(TwiceStrips<OneStrip>).Visit(new PutBatchSums(address, tokenBytes), 0);

    public void Send(SendBatchSums sender) => default(TwiceStrips<OneStrip>).Visit(sender, 0);
}

/// <summary>64 tokens.</summary>
internal readonly struct BatchTokens64 : IBatchTokens
{
    public int Count => 64;

    public void Declare() => PtxInstructions.DeclareSums32();

    public void Clear() => PtxInstructions.ClearSums32();

    public void StartSlice(uint weights, uint tokens) => PtxInstructions.StartSlice64(weights, tokens);

    public void Put(uint address, int tokenBytes) =>
        default(TwiceStrips<TwiceStrips<OneStrip>>).Visit(new PutBatchSums(address, tokenBytes), 0);

    public void Send(SendBatchSums sender) => default(TwiceStrips<TwiceStrips<OneStrip>>).Visit(sender, 0);
}

/// <summary>128 tokens.</summary>
internal readonly struct BatchTokens128 : IBatchTokens
{
    public int Count => 128;

    public void Declare() => PtxInstructions.DeclareSums64();

    public void Clear() => PtxInstructions.ClearSums64();

    public void StartSlice(uint weights, uint tokens) => PtxInstructions.StartSlice128(weights, tokens);

    public void Put(uint address, int tokenBytes) =>
        default(TwiceStrips<TwiceStrips<TwiceStrips<OneStrip>>>).Visit(new PutBatchSums(address, tokenBytes), 0);

    public void Send(SendBatchSums sender) => default(TwiceStrips<TwiceStrips<TwiceStrips<OneStrip>>>).Visit(sender, 0);
}

/// <summary>Puts the sums of 16 tokens down: of every eight a thread has two neighbouring tokens of a weight row and of the one 8 below.</summary>
internal readonly record struct PutBatchSums(uint Address, int TokenBytes) : IStripVisitor
{
    public void Visit(int strip)
    {
        Put(2 * strip);
        Put((2 * strip) + 1);
    }

    private void Put(int block)
    {
        uint first = Address + (uint)(8 * block * TokenBytes), second = first + (uint)TokenBytes;
        PtxInstructions.StoreShared(first, PtxInstructions.Sum(4 * block));
        PtxInstructions.StoreShared(second, PtxInstructions.Sum((4 * block) + 1));
        PtxInstructions.StoreShared(first + 32u, PtxInstructions.Sum((4 * block) + 2));
        PtxInstructions.StoreShared(second + 32u, PtxInstructions.Sum((4 * block) + 3));
    }
}
