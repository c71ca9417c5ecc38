namespace TaH.Engine;

/// <summary>
/// Problems of the synthetic reasoning task. Which questions are held out is a property of the question, not of a list: a hash says it, so that
/// training sets and held-out sets of any seeds and sizes share no question.
/// </summary>
public sealed record ProblemSet
{
    // One question of so many is held out.
    private const ulong HeldOutBuckets = 32;

    // A kind that yields no new question so many times in a row has none left.
    private const int MostRepeats = 20_000;

    /// <summary>The names of all kinds.</summary>
    public static IReadOnlyList<string> AllKinds { get; } = [.. ProblemKind.All.Select(kind => kind.Name)];

    /// <summary>What the problems depend on.</summary>
    public long Seed { get; init; }

    /// <summary>The kinds to draw from, in the proportions that they have to each other.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = AllKinds;

    /// <summary>Questions that must not come.</summary>
    public IReadOnlyCollection<string> Excluded { get; init; } = [];

    /// <summary>Problems to train on, no question twice.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="UsageException">A kind is not known, or has no more questions.</exception>
    public IEnumerable<Problem> Training(int count) => Make(count, isHeldOut: false);

    /// <summary>Problems that are never among those to train on, no question twice.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="UsageException">A kind is not known, or has no more questions.</exception>
    public IEnumerable<Problem> HeldOut(int count) => Make(count, isHeldOut: true);

    /// <summary>Whether a question is one of those that are held out.</summary>
    public static bool IsHeldOut(string question) => Hash(question) % HeldOutBuckets == 0;

    private IEnumerable<Problem> Make(int count, bool isHeldOut)
    {
        var kinds = SelectedKinds();
        var total = kinds.Sum(kind => kind.Share);
        var random = new Xoshiro256(Seed);
        // Hashes in place of questions: two that collide cost one of them its place, which nobody misses.
        var seen = Excluded.Select(Hash).ToHashSet();
        for (var made = 0; made < count; made++) yield return New(Draw(kinds, total, random), isHeldOut, seen, random);
    }

    /// <summary>A new problem of a kind: the kind stays, so that the proportions do.</summary>
    private static Problem New(ProblemKind kind, bool isHeldOut, HashSet<ulong> seen, Xoshiro256 random)
    {
        for (var attempt = 0; attempt < MostRepeats; attempt++)
        {
            var problem = kind.Make(random);
            var hash = Hash(problem.Question);
            if ((hash % HeldOutBuckets == 0) == isHeldOut && seen.Add(hash)) return problem;
        }
        throw new UsageException($"there are no more questions of kind {kind.Name}; ask for fewer problems or for more kinds");
    }

    private static ProblemKind Draw(List<ProblemKind> kinds, double total, Xoshiro256 random)
    {
        var rest = random.Uniform() * total;
        foreach (var kind in kinds)
        {
            rest -= kind.Share;
            if (rest < 0) return kind;
        }
        return kinds[^1];
    }

    private List<ProblemKind> SelectedKinds()
    {
        foreach (var name in Kinds)
        {
            if (!AllKinds.Contains(name)) throw new UsageException($"there is no kind of problem '{name}'; there are {string.Join(", ", AllKinds)}");
        }
        return Kinds.Count == 0 ? throw new UsageException("name a kind of problem") : [.. ProblemKind.All.Where(kind => Kinds.Contains(kind.Name))];
    }

    /// <summary>FNV-1a over the letters, then mixed, so that its lowest bits depend on all of them.</summary>
    private static ulong Hash(string question)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var letter in question) hash = (hash ^ letter) * 0x100000001b3UL;
        return Xoshiro256.Mix(hash);
    }
}
