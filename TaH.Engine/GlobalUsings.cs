global using FloatBuffer = ILGPU.Runtime.MemoryBuffer1D<float, ILGPU.Stride1D.Dense>;
global using Floats = ILGPU.ArrayView<float>;
global using IntBuffer = ILGPU.Runtime.MemoryBuffer1D<int, ILGPU.Stride1D.Dense>;
global using TaH.Kernels;
