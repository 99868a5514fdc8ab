import ECGData
