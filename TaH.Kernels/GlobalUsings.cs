global using FloatBuffer = ILGPU.Runtime.MemoryBuffer1D<float, ILGPU.Stride1D.Dense>;
global using Floats = ILGPU.ArrayView<float>;
global using Halves = ILGPU.ArrayView<ushort>;
global using IntBuffer = ILGPU.Runtime.MemoryBuffer1D<int, ILGPU.Stride1D.Dense>;
global using Ints = ILGPU.ArrayView<int>;
global using Keys = ILGPU.ArrayView<uint>;
