/// The text of a `scp_statements.csv` with PTB-XL's columns, 71 codes, flags and classes.
///
/// The codes are those of SCP-ECG (EN 1064), classes and flags those of Wagner et al. (Sci. Data 7:154,
/// 2020). The descriptions are our own, and the columns that map to other vocabularies stay blank.
enum SCPStatementTable {
  /// The whole file, in PTB-XL's order of rows.
  static let csv = """
    ,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass,Statement Category,\
    SCP-ECG Statement Description,AHA code,aECG REFID,CDISC Code,DICOM Code
    NDT,T wave changes without diagnostic value,1.0,1.0,,STTC,STTC,\
    ,T wave changes without diagnostic value,,,,
    NST_,ST changes of no specific kind,1.0,1.0,,STTC,NST_,,ST changes of no specific kind,,,,
    DIG,effect of digitalis,1.0,1.0,,STTC,STTC,,effect of digitalis,,,,
    LNGQT,QT interval too long,1.0,1.0,,STTC,STTC,,QT interval too long,,,,
    NORM,nothing abnormal,1.0,,,NORM,NORM,,nothing abnormal,,,,
    IMI,infarction of the inferior wall,1.0,,,MI,IMI,,infarction of the inferior wall,,,,
    ASMI,infarction of the anterior wall and septum,1.0,,,MI,AMI,\
    ,infarction of the anterior wall and septum,,,,
    LVH,hypertrophy of the left ventricle,1.0,,,HYP,LVH,,hypertrophy of the left ventricle,,,,
    LAFB,block of the left anterior fascicle,1.0,,,CD,LAFB/LPFB,,block of the left anterior fascicle,,,,
    ISC_,ST-T changes of ischemia,1.0,,,STTC,ISC_,,ST-T changes of ischemia,,,,
    IRBBB,right bundle branch block: incomplete,1.0,,,CD,IRBBB,,right bundle branch block: incomplete,,,,
    1AVB,AV block of the first degree,1.0,,,CD,_AVB,,AV block of the first degree,,,,
    IVCD,slow conduction within the ventricles,1.0,,,CD,IVCD,,slow conduction within the ventricles,,,,
    ISCAL,ischemia: anterolateral leads,1.0,,,STTC,ISCA,,ischemia: anterolateral leads,,,,
    CRBBB,right bundle branch block: complete,1.0,,,CD,CRBBB,,right bundle branch block: complete,,,,
    CLBBB,left bundle branch block: complete,1.0,,,CD,CLBBB,,left bundle branch block: complete,,,,
    ILMI,infarction of the inferior and lateral walls,1.0,,,MI,IMI,\
    ,infarction of the inferior and lateral walls,,,,
    LAO/LAE,enlarged or overloaded left atrium,1.0,,,HYP,LAO/LAE,,enlarged or overloaded left atrium,,,,
    AMI,infarction of the anterior wall,1.0,,,MI,AMI,,infarction of the anterior wall,,,,
    ALMI,infarction of the anterior and lateral walls,1.0,,,MI,AMI,\
    ,infarction of the anterior and lateral walls,,,,
    ISCIN,ischemia: inferior leads,1.0,,,STTC,ISCI,,ischemia: inferior leads,,,,
    INJAS,subendocardial injury: anteroseptal leads,1.0,,,MI,AMI,\
    ,subendocardial injury: anteroseptal leads,,,,
    LMI,infarction of the lateral wall,1.0,,,MI,LMI,,infarction of the lateral wall,,,,
    ISCIL,ischemia: inferolateral leads,1.0,,,STTC,ISCI,,ischemia: inferolateral leads,,,,
    LPFB,block of the left posterior fascicle,1.0,,,CD,LAFB/LPFB,,block of the left posterior fascicle,,,,
    ISCAS,ischemia: anteroseptal leads,1.0,,,STTC,ISCA,,ischemia: anteroseptal leads,,,,
    INJAL,subendocardial injury: anterolateral leads,1.0,,,MI,AMI,\
    ,subendocardial injury: anterolateral leads,,,,
    ISCLA,ischemia: lateral leads,1.0,,,STTC,ISCA,,ischemia: lateral leads,,,,
    RVH,hypertrophy of the right ventricle,1.0,,,HYP,RVH,,hypertrophy of the right ventricle,,,,
    ANEUR,ST-T changes as over an aneurysm,1.0,,,STTC,STTC,,ST-T changes as over an aneurysm,,,,
    RAO/RAE,enlarged or overloaded right atrium,1.0,,,HYP,RAO/RAE,,enlarged or overloaded right atrium,,,,
    EL,effect of electrolytes or drugs,1.0,,,STTC,STTC,,effect of electrolytes or drugs,,,,
    WPW,"preexcitation (Wolff, Parkinson, White)",1.0,,,CD,WPW,,"preexcitation (Wolff,\
     Parkinson, White)",,,,
    ILBBB,left bundle branch block: incomplete,1.0,,,CD,ILBBB,,left bundle branch block: incomplete,,,,
    IPLMI,"infarction of the inferior, posterior and lateral walls",\
    1.0,,,MI,IMI,,"infarction of the inferior, posterior and lateral walls",,,,
    ISCAN,ischemia: anterior leads,1.0,,,STTC,ISCA,,ischemia: anterior leads,,,,
    IPMI,infarction of the inferior and posterior walls,1.0,,,MI,\
    IMI,,infarction of the inferior and posterior walls,,,,
    SEHYP,hypertrophy of the septum,1.0,,,HYP,SEHYP,,hypertrophy of the septum,,,,
    INJIN,subendocardial injury: inferior leads,1.0,,,MI,IMI,,subendocardial injury: inferior leads,,,,
    INJLA,subendocardial injury: lateral leads,1.0,,,MI,AMI,,subendocardial injury: lateral leads,,,,
    PMI,infarction of the posterior wall,1.0,,,MI,PMI,,infarction of the posterior wall,,,,
    3AVB,AV block of the third degree,1.0,,,CD,_AVB,,AV block of the third degree,,,,
    INJIL,subendocardial injury: inferolateral leads,1.0,,,MI,IMI,\
    ,subendocardial injury: inferolateral leads,,,,
    2AVB,AV block of the second degree,1.0,,,CD,_AVB,,AV block of the second degree,,,,
    ABQRS,QRS complex abnormal,,1.0,,,,,QRS complex abnormal,,,,
    PVC,premature beat of a ventricle,,1.0,,,,,premature beat of a ventricle,,,,
    STD_,ST segment lowered,,1.0,,,,,ST segment lowered,,,,
    VCLVH,voltages as in left ventricular hypertrophy,,1.0,,,,,voltages as in left ventricular hypertrophy,\
    ,,,
    QWAVE,Q waves,,1.0,,,,,Q waves,,,,
    LOWT,T waves low,,1.0,,,,,T waves low,,,,
    NT_,T wave changes of no specific kind,,1.0,,,,,T wave changes of no specific kind,,,,
    PAC,premature beat of the atria,,1.0,,,,,premature beat of the atria,,,,
    LPR,PR interval long,,1.0,,,,,PR interval long,,,,
    INVT,T waves inverted,,1.0,,,,,T waves inverted,,,,
    LVOLT,voltages low in limb and chest leads,,1.0,,,,,voltages low in limb and chest leads,,,,
    HVOLT,voltages high,,1.0,,,,,voltages high,,,,
    TAB_,T waves abnormal,,1.0,,,,,T waves abnormal,,,,
    STE_,ST segment raised,,1.0,,,,,ST segment raised,,,,
    PRC(S),premature beats of unknown origin,,1.0,,,,,premature beats of unknown origin,,,,
    SR,sinus rhythm,,,1.0,,,,sinus rhythm,,,,
    AFIB,fibrillation of the atria,,,1.0,,,,fibrillation of the atria,,,,
    STACH,sinus rhythm above 100 a minute,,,1.0,,,,sinus rhythm above 100 a minute,,,,
    SARRH,sinus rhythm of changing rate,,,1.0,,,,sinus rhythm of changing rate,,,,
    SBRAD,sinus rhythm below 60 a minute,,,1.0,,,,sinus rhythm below 60 a minute,,,,
    PACE,pacemaker working normally,,,1.0,,,,pacemaker working normally,,,,
    SVARR,arrhythmia from above the ventricles,,,1.0,,,,arrhythmia from above the ventricles,,,,
    BIGU,"every second beat premature, of unknown origin",,,1.0,,\
    ,,"every second beat premature, of unknown origin",,,,
    AFLT,flutter of the atria,,,1.0,,,,flutter of the atria,,,,
    SVTAC,tachycardia from above the ventricles,,,1.0,,,,tachycardia from above the ventricles,,,,
    PSVT,"tachycardia from above the ventricles, in attacks",,,1.0,\
    ,,,"tachycardia from above the ventricles, in attacks",,,,
    TRIGU,"every third beat premature, of unknown origin",,,1.0,,\
    ,,"every third beat premature, of unknown origin",,,,

    """
}
