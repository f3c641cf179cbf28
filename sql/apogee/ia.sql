-- Inscriptions administratives of APOGÉE: person × étape × open academic year, registered and paid.
--
-- Gives: COD_ETU (student number), COD_ANU, COD_ETP, COD_VRS_VET, COD_DIP, COD_VRS_VDI, COD_CGE, COD_CMP, TEM_IAE_PRM ('O': the
--        main registration), LIB_WEB_VET (the étape's name, empty where it has none). One row for each registration.
-- Reads: INS_ADM_ETP, INDIVIDU, ANNEE_UNI, VERSION_ETAPE (SELECT on these four is all that its account needs).
-- Adapt: copy the file and name yours in `query`. ETA_PMT_IAE = 'P' leaves out whoever has not paid yet: take the line out, or
--        write IN ('P', 'A'), where these are to be enrolled too. TEM_IAE_PRM = 'O' keeps the main registration alone. Where the
--        open years are not kept in ANNEE_UNI, take its join out and give the feed `years`.
-- Standard SQL: the same on Oracle and on tables of these names in PostgreSQL, MariaDB or MySQL.
SELECT ind.COD_ETU,
       iae.COD_ANU,
       iae.COD_ETP,
       iae.COD_VRS_VET,
       iae.COD_DIP,
       iae.COD_VRS_VDI,
       iae.COD_CGE,
       iae.COD_CMP,
       iae.TEM_IAE_PRM,
       vet.LIB_WEB_VET
  FROM INS_ADM_ETP iae
       JOIN ANNEE_UNI anu ON anu.COD_ANU = iae.COD_ANU AND anu.ETA_ANU_IAE = 'O'
       JOIN INDIVIDU ind ON ind.COD_IND = iae.COD_IND
       LEFT JOIN VERSION_ETAPE vet ON vet.COD_ETP = iae.COD_ETP AND vet.COD_VRS_VET = iae.COD_VRS_VET
 WHERE iae.ETA_IAE = 'E'
   AND iae.ETA_PMT_IAE = 'P'
