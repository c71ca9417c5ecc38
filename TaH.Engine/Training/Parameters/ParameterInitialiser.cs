namespace TaH.Engine;

/// <summary>Gives a model's parameters their first values: those of a checkpoint, or drawn as the official code draws them.</summary>
internal static class ParameterInitialiser
{
    /// <summary>Reads whatever a checkpoint has; what it lacks is drawn.</summary>
    /// <param name="model">The parameters; all are written.</param>
    /// <param name="checkpoint">Of the same sizes.</param>
    /// <param name="random">For updates and a decider that the checkpoint does not have.</param>
    /// <param name="takesDecider">Whether a decider of the checkpoint is taken, or drawn anew.</param>
    public static void FromCheckpoint(TrainingModel model, Checkpoint checkpoint, Xoshiro256 random, bool takesDecider)
    {
        foreach (var parameter in model.Backbone.Parameters) model.Backbone.Write(parameter.Name, checkpoint.Weight(parameter.Name).ToFloats());
        foreach (var parameter in model.Lora.Parameters)
        {
            var stored = checkpoint.Lora?.Tensors.GetValueOrDefault(parameter.Name);
            model.Lora.Write(parameter.Name, stored is null ? LoraValues(parameter, random) : stored.ToFloats());
        }
        foreach (var parameter in model.Decider.Parameters)
        {
            var stored = takesDecider ? checkpoint.Decider?.Tensors.GetValueOrDefault(parameter.Name) : null;
            model.Decider.Write(parameter.Name, stored?.Values ?? DeciderValues(model.Decider, parameter, random));
        }
        model.Refresh(TrainedParts.Backbone | TrainedParts.Lora | TrainedParts.Decider);
    }

    /// <summary>Draws everything: matrices of the plain model from a normal distribution, norms one.</summary>
    /// <param name="model">The parameters; all are written.</param>
    /// <param name="random">What is drawn from.</param>
    /// <param name="deviation">Of the plain model's matrices: initializer_range of the configuration.</param>
    public static void FromScratch(TrainingModel model, Xoshiro256 random, float deviation)
    {
        foreach (var parameter in model.Backbone.Parameters)
            model.Backbone.Write(parameter.Name, parameter.Shape.Length > 1 ? Normal(parameter, random, deviation) : Constant(parameter, 1));
        foreach (var parameter in model.Lora.Parameters) model.Lora.Write(parameter.Name, LoraValues(parameter, random));
        foreach (var parameter in model.Decider.Parameters) model.Decider.Write(parameter.Name, DeciderValues(model.Decider, parameter, random));
        model.Refresh(TrainedParts.Backbone | TrainedParts.Lora | TrainedParts.Decider);
    }

    /// <summary>A as torch's linear layers, B zero, as peft does: an update begins without effect.</summary>
    private static float[] LoraValues(Parameter parameter, Xoshiro256 random) =>
        parameter.Name.EndsWith("lora_B.weight", StringComparison.Ordinal) ? Constant(parameter, 0) : Uniform(parameter, random, parameter.Shape[1]);

    /// <summary>The two projections in front as torch's linear layers, those of the backbone by He's rule with biases zero, as the official code.</summary>
    private static float[] DeciderValues(ParameterGroup group, Parameter parameter, Xoshiro256 random)
    {
        var inBackbone = parameter.Name.StartsWith("backbone.", StringComparison.Ordinal);
        if (parameter.Shape.Length > 1)
            return inBackbone ? Normal(parameter, random, MathF.Sqrt(2f / parameter.Shape[1])) : Uniform(parameter, random, parameter.Shape[1]);
        var weight = parameter.Name.Replace(".bias", ".weight", StringComparison.Ordinal);
        var isNorm = group[weight].Shape.Length == 1;
        if (isNorm) return Constant(parameter, parameter.Name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0);
        return inBackbone ? Constant(parameter, 0) : Uniform(parameter, random, group[weight].Shape[1]);
    }

    private static float[] Constant(Parameter parameter, float value)
    {
        var values = new float[parameter.Length];
        Array.Fill(values, value);
        return values;
    }

    /// <summary>Between -1 and 1 over the root of the inputs: what torch.nn.Linear starts from.</summary>
    private static float[] Uniform(Parameter parameter, Xoshiro256 random, int inputs)
    {
        var bound = 1 / Math.Sqrt(inputs);
        var values = new float[parameter.Length];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(((2 * random.Uniform()) - 1) * bound);
        return values;
    }

    private static float[] Normal(Parameter parameter, Xoshiro256 random, float deviation)
    {
        var values = new float[parameter.Length];
        for (var i = 0; i < values.Length; i++)
        {
            // Box and Muller; 1 - u is never zero.
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.Uniform()));
            values[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.Uniform()));
        }
        return values;
    }
}
