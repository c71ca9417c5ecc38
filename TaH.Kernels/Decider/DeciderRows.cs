namespace TaH.Kernels;

/// <summary>Rows that are put side by side with others: target[r, offset + i] = source[row, i].</summary>
/// <param name="Rows">Rows of the target.</param>
/// <param name="Width">Elements of a source row.</param>
/// <param name="Stride">Elements of a target row.</param>
/// <param name="Offset">Where in the target row they go.</param>
/// <param name="Gathered">1 if row is looked up in a table, 0 if it is r itself.</param>
internal readonly record struct DeciderRows(int Rows, int Width, int Stride, int Offset, int Gathered);

/// <summary>The top logits that a decider reads.</summary>
/// <param name="Rows">Head rows.</param>
/// <param name="TopK">How many it reads.</param>
/// <param name="KeptTopK">How many each slot holds.</param>
/// <param name="Softmax">1 if it reads them after a softmax, 0 if as they are.</param>
internal readonly record struct DeciderTopValues(int Rows, int TopK, int KeptTopK, int Softmax);
