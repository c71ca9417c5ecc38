using System.Diagnostics;

namespace TaH.Engine;

/// <summary>
/// A Think-at-Hard or plain Qwen3 model on a device. Dispose of it last, after its sessions; models and sessions of one device are used by one thread
/// at a time.
/// </summary>
/// <example>
/// <code>
/// using var model = TahModel.Load("weights/tah-tiny");
/// using var session = model.OpenSession();
/// var answer = session.Start(new GenerationRequest { Prompt = model.Encode("Let a = 2. What is a + 3?") });
/// foreach (var token in session.Stream(answer)) Console.Write($"{token.Text}({token.Iterations})");
/// </code>
/// </example>
public sealed class TahModel : IDisposable
{
    private const int DefaultSoftTopK = 100;

    private readonly bool _ownsDevice;
    private bool _disposed;

    internal TahModel(
        ModelDescription description, Checkpoint? checkpoint, ComputeDevice device, bool ownsDevice, Tokenizer? tokenizer, ChatFormat? chat,
        ModelWeights weights)
    {
        _ownsDevice = ownsDevice;
        (Description, Checkpoint, Device, Tokenizer, Chat, Weights) = (description, checkpoint, device, tokenizer, chat, weights);
        EndTokens = description.Generation.EosTokenIds.ToHashSet();
        DefaultPolicy = description switch
        {
            { Decider: { } decider } => new LearnedPolicy(decider.EffectiveThreshold),
            { Tah.Kind: DeciderKind.Always } => new AlwaysPolicy(),
            _ => new NeverPolicy(),
        };
        DefaultSampling = SamplingDefaults.Of(description.Generation);
    }

    /// <summary>The files that it was loaded from; null for a model of random weights.</summary>
    public Checkpoint? Checkpoint { get; }

    /// <summary>What it runs on.</summary>
    public ComputeDevice Device { get; }

    /// <summary>Its tokenizer; null for a directory without tokenizer.json.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>How conversations become text; null without a tokenizer.</summary>
    public ChatFormat? Chat { get; }

    /// <summary>The directory's name.</summary>
    public string Name => Description.Name;

    /// <summary>The base model's configuration.</summary>
    public Qwen3Config Config => Description.Config;

    /// <summary>Whether it has more than the plain model: LoRA, a decider, further passes.</summary>
    public bool IsTah => Description.Tah is not null;

    /// <summary>Passes that a token may take at most; 1 for a plain model.</summary>
    public int MaxIter => Description.Tah?.MaxIter ?? 1;

    /// <summary>
    /// How keys and values are stored where nobody says it: on a GPU in the weights' type if that has 16 bits, as in the official run; else in f32.
    /// </summary>
    /// <param name="asked">What somebody says; null for nobody.</param>
    public ElementType KvTypeFor(ElementType? asked) => asked ?? (Device.Info.IsGpu ? WeightType : TensorType.F32) switch
    {
        TensorType.Bf16 => ElementType.Bf16,
        TensorType.F16 => ElementType.F16,
        _ => ElementType.F32,
    };

    /// <summary>
    /// Passes that a token may take under a policy: the model's max_iter, or less where the decider is asked and its own is smaller.
    /// </summary>
    public int MaxIterFor(IterationPolicy policy) => policy.NeedsDecider ? Math.Min(MaxIter, Description.Decider?.MaxIter ?? MaxIter) : MaxIter;

    /// <summary>Who decides about further passes if a request does not say: the trained decider, or nobody where there is none.</summary>
    public IterationPolicy DefaultPolicy { get; }

    /// <summary>How tokens are drawn if a request does not say.</summary>
    public SamplingSettings DefaultSampling { get; }

    /// <summary>The type of the base weights.</summary>
    public TensorType WeightType => Description.WeightType;

    /// <summary>Bytes of weights.</summary>
    public long WeightBytes => Weights.ByteCount;

    /// <summary>What loading took; null for a model of random weights.</summary>
    public LoadTimings? LoadTimings { get; private init; }

    internal ModelDescription Description { get; }

    internal IReadOnlySet<int> EndTokens { get; }

    internal ModelWeights Weights { get; }

    internal int SoftTopK => IsTah ? Math.Min(Description.Tah?.SoftEmbeddingTopK ?? DefaultSoftTopK, Config.VocabSize) : 1;

    /// <summary>Loads a checkpoint onto a device that is opened for it.</summary>
    /// <param name="directory">A Hugging Face directory; see <see cref="Engine.Checkpoint"/>.</param>
    /// <param name="options">Where it runs.</param>
    /// <exception cref="CheckpointException">A file cannot be used; the message says which and why.</exception>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    /// <exception cref="UsageException">The device does not run the kernels that were asked for.</exception>
    public static TahModel Load(string directory, ModelOptions? options = null) =>
        Load(directory, () => (options ?? new ModelOptions()).OpenDevice(), ownsDevice: true);

    /// <summary>Loads a checkpoint onto a device that other models may share. Its compiled kernels are shared too.</summary>
    /// <param name="directory">A Hugging Face directory; see <see cref="Engine.Checkpoint"/>.</param>
    /// <param name="device">Where it runs; the caller disposes of it, after the model.</param>
    /// <exception cref="CheckpointException">A file cannot be used; the message says which and why.</exception>
    public static TahModel Load(string directory, ComputeDevice device) => Load(directory, () => device, ownsDevice: false);

    /// <summary>Opens a session: a grid and buffers to generate with.</summary>
    /// <exception cref="UsageException">The options contradict the model.</exception>
    public Session OpenSession(SessionOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new Session(this, options ?? new SessionOptions());
    }

    /// <summary>The token ids of a question, in the model's chat format and ready for its answer.</summary>
    /// <param name="question">What the user says.</param>
    /// <param name="enableThinking">Whether the model may think aloud before it answers.</param>
    public int[] Encode(string question, bool enableThinking = true) => Encode([new ChatMessage("user", question)], enableThinking);

    /// <summary>The token ids of a conversation, in the model's chat format and ready for the next answer.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="enableThinking">Whether the model may think aloud before it answers.</param>
    public int[] Encode(IReadOnlyList<ChatMessage> messages, bool enableThinking = true) =>
        RequireTokenizer().Encode(Chat!.Render(messages, addGenerationPrompt: true, enableThinking));

    /// <summary>
    /// The trained decider with another threshold, rounded as the official loader rounds one: to bfloat16 unless the decider's dtype is given.
    /// </summary>
    /// <param name="threshold">In [0, 1]; 1 never goes on.</param>
    /// <exception cref="UsageException">There is no trained decider, or the threshold is out of range.</exception>
    public LearnedPolicy DeciderAt(double threshold)
    {
        if (Description.Decider is not { } config) throw new UsageException($"{Name} has no trained decider; a threshold means nothing to it");
        return new LearnedPolicy((config with { Threshold = threshold }).EffectiveThreshold);
    }

    /// <summary>The tokenizer.</summary>
    /// <exception cref="UsageException">The checkpoint has none.</exception>
    public Tokenizer RequireTokenizer() =>
        Tokenizer ?? throw new UsageException($"{Name} has no tokenizer.json; give token ids instead of text");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var owned in Weights.Owned) owned.Dispose();
        if (_ownsDevice) Device.Dispose();
        Checkpoint?.Dispose();
    }

    private static void DisposeOf(Task<(ComputeDevice Device, TimeSpan)> opening)
    {
        ((IAsyncResult)opening).AsyncWaitHandle.WaitOne();
        if (opening.IsCompletedSuccessfully) opening.Result.Device.Dispose();
    }

    private static TahModel Load(string directory, Func<ComputeDevice> open, bool ownsDevice)
    {
        // Files first: a wrong one is found before a driver is started. The tokenizer's is long, a driver's start too: they share the time.
        var clock = Stopwatch.StartNew();
        var checkpoint = Checkpoint.Open(directory);
        var files = clock.Elapsed;
        var opening = Task.Run(() => (Device: open(), Took: clock.Elapsed - files));
        try
        {
            var tokenizer = checkpoint.TokenizerPath is null ? null : Tokenizer.Open(directory);
            var chat = tokenizer is null ? null : ChatFormat.Open(directory);
            var read = clock.Elapsed;
            var (device, opened) = opening.GetAwaiter().GetResult();
            device.Accelerator.Bind();
            if (ownsDevice) device.LoadKernelsAhead();
            var ready = clock.Elapsed;
            using var weights = new CheckpointWeights(checkpoint, device);
            var loaded = new WeightLoader(device, weights).Load();
            return new TahModel(weights.Model, checkpoint, device, ownsDevice, tokenizer, chat, loaded)
            {
                LoadTimings = new LoadTimings(files, read - files, opened, clock.Elapsed - ready),
            };
        }
        catch
        {
            if (ownsDevice) DisposeOf(opening);
            checkpoint.Dispose();
            throw;
        }
    }
}
