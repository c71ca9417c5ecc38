namespace TaH.Kernels;

/// <summary>What the launches of a pass depend on besides device memory: passes of one kind can be replayed as one recorded graph.</summary>
/// <param name="Count">Rows.</param>
/// <param name="DeepFrom">The first row of depth 1 or more.</param>
/// <param name="HeadCount">Rows whose logits are wanted.</param>
/// <param name="VisibleBucket">
/// Of rows that do not see each other, what they see at most, rounded up (<see cref="RowTable.VisibleBucket"/>); else 0.
/// </param>
/// <param name="Tiles">Tiles of rows that attention is cut into (<see cref="RowTable.TileCount"/>).</param>
public readonly record struct RowsKind(int Count, int DeepFrom, int HeadCount, int VisibleBucket, int Tiles);
