namespace TaH.Tests;

/// <summary>Double precision, plain loops over a mask that says of each row and entry whether one sees the other.</summary>
internal sealed class PackedAttentionReference(bool[][] mask, PackedAttentionShape shape)
{
    /// <summary>The largest sum of |q| |k| of a pair, scaled: what the rounding of a score is a share of.</summary>
    public double ScoreSize { get; private set; }

    /// <summary>Sums of the sizes of the terms of each gradient: what its rounding is a share of.</summary>
    public double[] DqSize { get; private set; } = [];

    /// <summary>The same of dk.</summary>
    public double[] DkSize { get; private set; } = [];

    /// <summary>The same of dv.</summary>
    public double[] DvSize { get; private set; } = [];

    public (double[] Mixed, double[] LogSums) Forward(double[] q, double[] k, double[] v)
    {
        var (mixed, logSums) = (new double[q.Length], new double[shape.Rows * shape.Heads]);
        for (var head = 0; head < logSums.Length; head++)
        {
            var weights = Weights(q, k, head, out logSums[head]);
            for (var entry = 0; entry < shape.Entries; entry++)
            {
                for (var i = 0; i < shape.HeadDim; i++) mixed[(head * shape.HeadDim) + i] += weights[entry] * v[At(entry, head) + i];
            }
        }
        return (mixed, logSums);
    }

    public (double[] Dq, double[] Dk, double[] Dv) Backward(double[] q, double[] k, double[] v, double[] dMixed)
    {
        var mixed = Forward(q, k, v).Mixed;
        var (dq, dk, dv) = (new double[q.Length], new double[k.Length], new double[v.Length]);
        (DqSize, DkSize, DvSize) = (new double[q.Length], new double[k.Length], new double[v.Length]);
        var scale = 1 / Math.Sqrt(shape.HeadDim);
        for (var head = 0; head < shape.Rows * shape.Heads; head++)
        {
            var weights = Weights(q, k, head, out _);
            var query = head * shape.HeadDim;
            double delta = 0, deltaSize = 0;
            for (var i = query; i < query + shape.HeadDim; i++)
                (delta, deltaSize) = (delta + (dMixed[i] * mixed[i]), deltaSize + Math.Abs(dMixed[i] * mixed[i]));
            for (var entry = 0; entry < shape.Entries; entry++)
            {
                if (weights[entry] == 0) continue;
                var at = At(entry, head);
                double weightGradient = 0, size = 0;
                for (var i = 0; i < shape.HeadDim; i++)
                {
                    weightGradient += dMixed[query + i] * v[at + i];
                    size += Math.Abs(dMixed[query + i] * v[at + i]);
                }
                var factor = weights[entry] * (weightGradient - delta) * scale;
                var factorSize = weights[entry] * (size + deltaSize) * scale;
                for (var i = 0; i < shape.HeadDim; i++)
                {
                    dq[query + i] += factor * k[at + i];
                    dk[at + i] += factor * q[query + i];
                    dv[at + i] += weights[entry] * dMixed[query + i];
                    DqSize[query + i] += factorSize * Math.Abs(k[at + i]);
                    DkSize[at + i] += factorSize * Math.Abs(q[query + i]);
                    DvSize[at + i] += weights[entry] * Math.Abs(dMixed[query + i]);
                }
            }
        }
        return (dq, dk, dv);
    }

    private double[] Weights(double[] q, double[] k, int head, out double logSum)
    {
        var weights = new double[shape.Entries];
        var row = head / shape.Heads;
        double sum = 0, largest = double.NegativeInfinity;
        for (var entry = 0; entry < shape.Entries; entry++)
        {
            if (!mask[row][entry]) continue;
            double score = 0, size = 0;
            for (var i = 0; i < shape.HeadDim; i++)
            {
                score += q[(head * shape.HeadDim) + i] * k[At(entry, head) + i];
                size += Math.Abs(q[(head * shape.HeadDim) + i] * k[At(entry, head) + i]);
            }
            weights[entry] = score / Math.Sqrt(shape.HeadDim);
            ScoreSize = Math.Max(ScoreSize, size / Math.Sqrt(shape.HeadDim));
            largest = Math.Max(largest, weights[entry]);
        }
        for (var entry = 0; entry < shape.Entries; entry++)
        {
            weights[entry] = mask[row][entry] ? Math.Exp(weights[entry] - largest) : 0;
            sum += weights[entry];
        }
        for (var entry = 0; entry < shape.Entries; entry++) weights[entry] = sum == 0 ? 0 : weights[entry] / sum;
        logSum = largest + Math.Log(sum);
        return weights;
    }

    private int At(int entry, int head) => ((entry * shape.KvHeads) + (head % shape.Heads / shape.HeadsPerKvHead)) * shape.HeadDim;
}
