namespace TaH.Kernels;

/// <summary>One cell of the position x depth grid that a forward pass computes.</summary>
/// <param name="Sequence">Which page tables it uses: the sequence's number among those in flight.</param>
/// <param name="Position">Position in the sequence; RoPE uses it at every depth.</param>
/// <param name="Depth">0 for the ordinary pass, 1 and up for the latent ones.</param>
/// <param name="Token">Token id; read at depth 0 only. Deeper rows take the soft embedding of their slot.</param>
/// <param name="Slot">The logits slot that its raw logits add up in; read if the row is deep or wants logits.</param>
/// <param name="Cell">Where its key and value go: page * pageSize + offset.</param>
/// <param name="WantsLogits">Whether the head runs for this row: a decider, a deeper pass or a sampler will read its logits.</param>
public readonly record struct Row(int Sequence, int Position, int Depth, int Token, int Slot, int Cell, bool WantsLogits);
