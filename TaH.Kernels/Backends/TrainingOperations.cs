namespace TaH.Kernels;

/// <summary>Every operation that training asks of a device, each in the variant that suits it.</summary>
public sealed class TrainingOperations : IDisposable
{
    /// <summary>Prepares the operations of a device.</summary>
    /// <param name="device">Where they run.</param>
    /// <param name="precision">What products multiply.</param>
    /// <param name="headDim">Elements of a head.</param>
    /// <param name="ropeTheta">Base of the rotary embedding's wavelengths.</param>
    /// <exception cref="NotSupportedException">The device does not multiply what is asked for.</exception>
    public TrainingOperations(ComputeDevice device, TrainingPrecision precision, int headDim, double ropeTheta)
    {
        (Device, Precision) = (device, precision);
        SingleProducts = TrainingProducts.Create(device, TrainingPrecision.F32);
        Products = TrainingProducts.Create(device, precision);
        Rope = new RopeTable(device, headDim, ropeTheta);
        var variants = BackendVariants.For(device);
        RmsNorm = new RmsNorm(device, variants.RmsNorm);
        RmsNormBackward = new RmsNormBackward(device, variants.RmsNorm);
        RotateHeads = new RotateHeads(device, Variant(RotateHeadsVariant.Portable, RotateHeadsVariant.Simd));
        RotateHeadsBackward = new RotateHeadsBackward(device, Variant(RotateHeadsVariant.Portable, RotateHeadsVariant.Simd));
        SwiGlu = new SwiGlu(device, variants.SwiGlu);
        SwiGluBackward = new SwiGluBackward(device, variants.SwiGlu);
        var attention = PackedAttention.Choose(device, headDim, precision == TrainingPrecision.F32 ? ProductPrecision.F32 : ProductPrecision.Auto);
        Attention = new PackedAttention(device, attention);
        AttentionBackward = new PackedAttentionBackward(device, attention);
        EmbedTokens = new EmbedTokens(device, Variant(EmbedTokensVariant.Portable, EmbedTokensVariant.Simd));
        EmbedTokensBackward = new EmbedTokensBackward(device, Variant(EmbedTokensVariant.Portable, EmbedTokensVariant.Simd));
        SoftEmbedding = new SoftEmbedding(device, Variant(SoftEmbeddingVariant.Portable, SoftEmbeddingVariant.Simd));
        SoftEmbeddingBackward = new SoftEmbeddingBackward(device, Variant(SoftEmbeddingVariant.Portable, SoftEmbeddingVariant.Simd));
        LargestLogits = new LargestLogits(device, Variant(LargestLogitsVariant.Portable, LargestLogitsVariant.Simd));
        CrossEntropy = new CrossEntropy(device, Variant(CrossEntropyVariant.Portable, CrossEntropyVariant.Simd));
        SelectRows = new SelectRows(device, Variant(SelectRowsVariant.Portable, SelectRowsVariant.Simd));
        Rows = new RowArithmetic(device, RowArithmetic.Choose(device));
        ColumnSums = new ColumnSums(device, Variant(ColumnSumsVariant.Portable, ColumnSumsVariant.Simd));
        LayerNorm = new LayerNorm(device, Variant(LayerNormVariant.Portable, LayerNormVariant.Simd));
        LayerNormBackward = new LayerNormBackward(device, Variant(LayerNormVariant.Portable, LayerNormVariant.Simd));
        Gelu = new Gelu(device, Variant(GeluVariant.Portable, GeluVariant.Simd));
        GeluBackward = new GeluBackward(device, Variant(GeluVariant.Portable, GeluVariant.Simd));
        BinaryCrossEntropy = new BinaryCrossEntropy(device, Variant(BinaryCrossEntropyVariant.Portable, BinaryCrossEntropyVariant.Simd));
        Dropout = new Dropout(device, Variant(DropoutVariant.Portable, DropoutVariant.Simd));
        AdamW = new AdamW(device, Variant(OptimizerVariant.Portable, OptimizerVariant.Simd));
        Sgd = new Sgd(device, Variant(OptimizerVariant.Portable, OptimizerVariant.Simd));
        SumOfSquares = new SumOfSquares(device, Variant(OptimizerVariant.Portable, OptimizerVariant.Simd));
        ClipScale = new ClipScale(device);
    }

    /// <summary>Where they run.</summary>
    public ComputeDevice Device { get; }

    /// <summary>What <see cref="Products"/> multiply.</summary>
    public TrainingPrecision Precision { get; }

    /// <summary>Products of f32, whatever the precision: for the decider.</summary>
    public TrainingProducts SingleProducts { get; }

    /// <summary>The products of linear layers and their gradients.</summary>
    public TrainingProducts Products { get; }

    /// <summary>The angles of the rotary embedding.</summary>
    public RopeTable Rope { get; }

    /// <summary>The norm of rows.</summary>
    public RmsNorm RmsNorm { get; }

    /// <summary>Its gradients.</summary>
    public RmsNormBackward RmsNormBackward { get; }

    /// <summary>Norm and rotation of heads.</summary>
    public RotateHeads RotateHeads { get; }

    /// <summary>Its gradients.</summary>
    public RotateHeadsBackward RotateHeadsBackward { get; }

    /// <summary>The gated activation.</summary>
    public SwiGlu SwiGlu { get; }

    /// <summary>Its gradients.</summary>
    public SwiGluBackward SwiGluBackward { get; }

    /// <summary>Attention over packed rows.</summary>
    public PackedAttention Attention { get; }

    /// <summary>Its gradients.</summary>
    public PackedAttentionBackward AttentionBackward { get; }

    /// <summary>Embeddings of tokens.</summary>
    public EmbedTokens EmbedTokens { get; }

    /// <summary>Their gradient.</summary>
    public EmbedTokensBackward EmbedTokensBackward { get; }

    /// <summary>The input of deeper passes.</summary>
    public SoftEmbedding SoftEmbedding { get; }

    /// <summary>Its gradient.</summary>
    public SoftEmbeddingBackward SoftEmbeddingBackward { get; }

    /// <summary>The largest logits of rows.</summary>
    public LargestLogits LargestLogits { get; }

    /// <summary>Loss of logits.</summary>
    public CrossEntropy CrossEntropy { get; }

    /// <summary>Rows chosen by number.</summary>
    public SelectRows SelectRows { get; }

    /// <summary>Sums, biases, columns, softmax.</summary>
    public RowArithmetic Rows { get; }

    /// <summary>Sums over rows.</summary>
    public ColumnSums ColumnSums { get; }

    /// <summary>The decider's norm.</summary>
    public LayerNorm LayerNorm { get; }

    /// <summary>Its gradients.</summary>
    public LayerNormBackward LayerNormBackward { get; }

    /// <summary>The decider's activation.</summary>
    public Gelu Gelu { get; }

    /// <summary>Its gradient.</summary>
    public GeluBackward GeluBackward { get; }

    /// <summary>Loss of decisions.</summary>
    public BinaryCrossEntropy BinaryCrossEntropy { get; }

    /// <summary>Elements set to zero at random.</summary>
    public Dropout Dropout { get; }

    /// <summary>Adam with decoupled decay.</summary>
    public AdamW AdamW { get; }

    /// <summary>Plain gradient steps.</summary>
    public Sgd Sgd { get; }

    /// <summary>For the norm of gradients.</summary>
    public SumOfSquares SumOfSquares { get; }

    /// <summary>What gradients are clipped by.</summary>
    public ClipScale ClipScale { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[]
        {
            Products, SingleProducts, Rope, RmsNormBackward, RotateHeadsBackward, Attention, AttentionBackward, EmbedTokensBackward, SoftEmbeddingBackward,
            LargestLogits, ColumnSums, LayerNormBackward, SumOfSquares, AdamW, Sgd,
        })
            owned.Dispose();
    }

    private TVariant Variant<TVariant>(TVariant portable, TVariant simd) => Device.Kind == DeviceKind.Cpu ? simd : portable;
}
