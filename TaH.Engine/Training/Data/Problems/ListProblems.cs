namespace TaH.Engine;

/// <summary>Lists to sort, reverse, add up or pick from.</summary>
internal sealed class ListProblems() : ProblemKind("lists", 0.15)
{
    /// <inheritdoc/>
    public override Problem Make(Xoshiro256 random)
    {
        var (count, form) = (random.Between(4, 7), random.Below(6));
        // Reversing is no work for a number; the list is longer, and its numbers are digits.
        int[] list = form == 1 ? Draw(count + 2, 9, random) : Draw(count, 99, random);
        return form switch
        {
            0 => Order($"Sort {Text(list)} in increasing order.", "the order is", [.. list.Order()]),
            1 => Order($"Reverse {Text(list)}.", "it becomes", [.. list.Reverse()]),
            2 => Order($"Sort {Text(list)} in decreasing order.", "the order is", Descending(list)),
            3 => AddUp(list),
            4 => Pick(list, random.Between(2, 3)),
            _ => Ask($"Add up {Text(list)} at once.", [$"So the sum is {list.Sum()}."], list.Sum()),
        };
    }

    private static int[] Draw(int count, int most, Xoshiro256 random) => [.. Enumerable.Range(0, count).Select(_ => random.Between(1, most))];

    private static string Text(int[] list) => string.Join(' ', list);

    private static int[] Descending(int[] list) => [.. list.OrderDescending()];

    private Problem Order(string question, string words, int[] result) => Ask(question, [$"So {words} {Text(result)}."], Text(result));

    private Problem AddUp(int[] list)
    {
        var (steps, sum) = (new List<string>(), list[0]);
        for (var i = 1; i < list.Length; i++)
        {
            var connective = i == 1 ? "First" : i == list.Length - 1 ? "So" : "Then";
            steps.Add($"{connective} {sum} + {list[i]} = {sum + list[i]}.");
            sum += list[i];
        }
        return Ask($"Add up {Text(list)}.", steps, sum);
    }

    private Problem Pick(int[] list, int place)
    {
        var (word, sorted) = (place == 2 ? "second" : "third", Descending(list));
        var picked = sorted[place - 1];
        return Ask(
            $"Find the {word} largest of {Text(list)}.", [$"Now the order is {Text(sorted)}.", $"So the {word} largest is {picked}."], picked);
    }
}
