namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class TensorMapsTests(TestDevices devices)
{
    /// <summary>
    /// A multiprocessor remembers descriptions, and perhaps what lay beside them. Each problem is at a new place, so that its descriptions are written
    /// while those of earlier ones are remembered; read as they were before, they would send a product nowhere.
    /// </summary>
    [Fact]
    public void A_description_made_between_products_is_seen()
    {
        var device = devices.OpenOrSkip(CudaGeneration.Hopper);
        var products = new WgmmaProducts(device);
        var problems = new List<TensorProblem>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var problem = new TensorProblem(device, rows: 1100, inner: 64, 264);
                problems.Add(problem);
                problem.RunSingles((store, alpha, targets) => products.Run(problem.X, store, alpha, targets), alpha: 1, add: false, bias: false);
            }
        }
        finally
        {
            foreach (var problem in problems) problem.Dispose();
        }
    }
}
