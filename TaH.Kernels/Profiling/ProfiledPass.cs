namespace TaH.Kernels;

/// <summary>What a pass ran over.</summary>
/// <param name="Rows">Rows of all depths.</param>
/// <param name="DeepRows">Those of depth 1 and more.</param>
/// <param name="HeadRows">Rows whose logits were computed.</param>
/// <param name="Context">The most positions that a row saw.</param>
public sealed record ProfiledPass(int Rows, int DeepRows, int HeadRows, int Context);
