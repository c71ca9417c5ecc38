namespace TaH.Engine;
internal sealed record PackedBatch(int[] Tokens, int[] Labels, int[] IterationCounts, int[] Positions, int[] SequenceStarts);
internal sealed record OrderPosition(int Epoch, int Index);
