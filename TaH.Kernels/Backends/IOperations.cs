namespace TaH.Kernels;

/// <summary>
/// Everything that a TaH model asks of a device, named at the boundaries where a fast backend fuses: about five operations a layer. The model code
/// knows nothing else; a backend serves each with whatever kernels it likes.
/// </summary>
/// <remarks>
/// Buffers are sized when the operations are made, except for a few that grow when a call first needs more of them and then stay: the table of RoPE
/// angles, the partial results of split attention, the room of samplers, and the decider's activations. Growing waits for the device. Otherwise an
/// operation only queues work; uploads of rows, page tables and sample requests wait on OpenCL only, where ILGPU's CopyFromCPU synchronises.
/// <c>rows</c> always describes the pass in hand; buffers called x are the residual stream, [rows, hidden].
/// </remarks>
public interface IOperations : IDisposable
{
    /// <summary>Where the operations run.</summary>
    ComputeDevice Device { get; }

    /// <summary>
    /// Until <see cref="RunPass"/> or <see cref="EndPass"/>, uploads of rows, page tables and requests may stay on the host: they are for the pass.
    /// </summary>
    /// <param name="rows">Rows of the pass.</param>
    void BeginPass(int rows);

    /// <summary>
    /// Runs a pass: calls <paramref name="launches"/>, or repeats what they did for an earlier pass of the same kind. They queue operations of this
    /// object and nothing else, the same ones for equal <see cref="RowTable.Kind"/> and <paramref name="variant"/>, and wait for nothing.
    /// </summary>
    /// <param name="rows">The pass, uploaded.</param>
    /// <param name="variant">Tells passes with equal rows apart whose launches differ.</param>
    /// <param name="launches">Queues the operations.</param>
    void RunPass(RowTable rows, PassVariant variant, Action launches);

    /// <summary>After <see cref="BeginPass"/>, whether the pass ran or failed: what it did not take to the device goes there by itself.</summary>
    void EndPass();

    /// <summary>
    /// The input of every row: at depth 0 the embedding of its token; deeper, softmax over the <paramref name="softTopK"/> largest accumulated logits
    /// of its slot, times their embedding rows.
    /// </summary>
    /// <param name="embedding">[vocab, hidden].</param>
    /// <param name="rows">The pass.</param>
    /// <param name="logits">Where deeper rows find their top logits.</param>
    /// <param name="softTopK">How many logits the soft embedding mixes; at most the top-k that <paramref name="logits"/> keeps.</param>
    /// <param name="x">[rows, hidden], written.</param>
    void Embed(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x);

    /// <summary>RMSNorm of x, then the query, key and value products, with LoRA on deep rows.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="layer">The layer's weights.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="qkv">Written: q [rows, heads, headDim], k and v [rows, kvHeads, headDim].</param>
    void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv);

    /// <summary>
    /// Norm and RoPE on every query and key head, keys and values into the rows' cells of the grid, then duo-causal attention: each row over the
    /// entries that it sees at every depth up to its own.
    /// </summary>
    /// <param name="qkv">The products; q and k are undefined afterwards.</param>
    /// <param name="layer">The layer's weights.</param>
    /// <param name="rows">The pass. Each row's cell is that of the last entry it sees at its depth.</param>
    /// <param name="cache">The layer's keys and values.</param>
    /// <param name="tables">Where the entries of each sequence lie.</param>
    /// <param name="mixed">[rows, heads, headDim], written as f32 or bf16.</param>
    void Attend(QkvBuffers qkv, LayerWeights layer, RowTable rows, KvLayer cache, KvPageTables tables, Activations mixed);

    /// <summary>x += projection(input), with LoRA on deep rows: the output of attention and of the feed-forward part.</summary>
    /// <param name="input">[rows, inputs of the projection], as <see cref="Attend"/> or <see cref="NormGateUp"/> filled it.</param>
    /// <param name="projection">The linear layer.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="nextNorm">[hidden] of the norm that x goes through next, for backends that prepare it; null if that is not known.</param>
    void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x, FloatBuffer? nextNorm = null);

    /// <summary>RMSNorm of x, the gate and up products with LoRA on deep rows, then silu(gate) * up.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="layer">The layer's weights.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="activated">[rows, ffn], written as f32 or bf16.</param>
    void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated);

    /// <summary>
    /// For the rows that want logits the final norm, the head, the sum into their slot (a depth-0 row starts it anew) and the largest values; the
    /// norm of every row if that is kept.
    /// </summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="head">Norm and head.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="normed">[rows, hidden]: the last hidden state if it is kept, else room that may be written to.</param>
    /// <param name="raw">
    /// [head rows, vocab]: this pass's own logits if they are kept, in the order of the rows that want them, else room likewise.
    /// </param>
    /// <param name="kept">Which of the two are read later.</param>
    /// <param name="logits">The sums.</param>
    void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, Floats normed, Floats raw, HeadOutputs kept, LogitsState logits);

    /// <summary>Keeps the hidden state of every row while x goes on.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="rows">The pass.</param>
    /// <param name="target">[rows, hidden], written.</param>
    void Tap(Floats x, RowTable rows, Floats target);

    /// <summary>
    /// The decider's logit for every row that wants logits, from hidden states of this pass and the accumulated top logits of its slot.
    /// </summary>
    /// <param name="decider">The weights.</param>
    /// <param name="hidden">The hidden states it reads, in its order, each [rows, hidden]; all kept before the head ran or by it.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="logits">Where the top logits are.</param>
    /// <param name="decisions">[head rows], written: the row goes on if sigmoid of this is above the threshold.</param>
    void Decide(DeciderModel decider, IReadOnlyList<Floats> hidden, RowTable rows, LogitsState logits, Floats decisions);

    /// <summary>
    /// Whether a token had better be drawn in the pass, even for a row that may go on: it costs next to nothing there, and its own time later.
    /// </summary>
    bool DrawsInPass { get; }

    /// <summary>Brings requests to the device for the next <see cref="Draw"/>.</summary>
    /// <param name="logits">What will be drawn from.</param>
    /// <param name="requests">What to draw from and how; at most as many as the slots.</param>
    SampleBatch UploadRequests(LogitsState logits, ReadOnlySpan<SampleRequest> requests);

    /// <summary>Draws a token from the accumulated logits of each request's slot. Their largest are those that the last pass left.</summary>
    /// <param name="logits">The sums.</param>
    /// <param name="batch">The requests of the last upload. Equal ones need the same launches.</param>
    /// <param name="tokens">[requests], written.</param>
    void Draw(LogitsState logits, SampleBatch batch, Ints tokens);
}
